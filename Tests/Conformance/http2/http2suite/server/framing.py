"""Sections 4 and 5.5: frames of wrong sizes, unknown ones, and field blocks as a whole."""

from .. import hpack
from ..case import Skipped, case
from ..expect import alive, answered, connection, lenient, malformed, stream
from ..frames import *


@case("4.1", "A frame of an unknown type on the connection", alive())
def unknown_type(peer):
    peer.send(frame(0xbe, 0xff, 0, b"what is this?"))


@case("4.1", "A frame of an unknown type on an open stream", answered())
def unknown_type_on_stream(peer):
    peer.post()
    peer.send(frame(0xbe, 0, 1, b"what is this?"), data(1, b"body", end=True))


@case("4.1", "An empty frame of an unknown type", alive())
def unknown_type_empty(peer):
    peer.send(frame(0xff, 0, 0))


@case("4.1", "PING with flags that have no meaning", alive())
def unknown_flags_on_ping(peer):
    peer.send(ping(flags=0xfe))
    peer.wait(lambda: peer.pongs, "PING was not answered")


@case("4.1", "HEADERS with flags that have no meaning", answered())
def unknown_flags_on_headers(peer):
    peer.send(headers(1, peer.block("/"), flags=END_HEADERS | 0x02 | 0x10 | 0x40 | 0x80))


@case("4.1", "DATA with flags that have no meaning", answered())
def unknown_flags_on_data(peer):
    peer.post()
    peer.send(data(1, b"body", end=True, flags=0x02 | 0x04 | 0x10 | 0x20 | 0x40 | 0x80))


@case("4.1", "SETTINGS with flags that have no meaning", alive())
def unknown_flags_on_settings(peer):
    wanted = peer.acknowledgements + 1
    peer.send(frame(SETTINGS, 0xfe, 0))
    peer.wait(lambda: peer.acknowledgements >= wanted, "no acknowledgement")


@case("4.1", "PING with the reserved bit before the stream identifier", alive())
def reserved_bit_on_ping(peer):
    peer.send(frame(PING, 0, 0, b"8 octets", reserved=1))
    peer.wait(lambda: peer.pongs, "PING was not answered")


@case("4.1", "HEADERS and DATA with the reserved bit before the stream identifier", answered())
def reserved_bit_on_stream(peer):
    peer.send(frame(HEADERS, END_HEADERS, 1, peer.block("/echo", "POST"), reserved=1),
              frame(DATA, END_STREAM, 1, b"body", reserved=1))


@case("4.2", "DATA of 16,384 bytes, which every peer must take", answered())
def largest_frame_of_all(peer):
    peer.post()
    peer.send(data(1, b"x" * DEFAULT_FRAME, end=True))


@case("4.2", "HEADERS of 16,384 bytes, which every peer must take as a frame",
      answered(200, 431) | malformed() | stream(REFUSED_STREAM, ENHANCE_YOUR_CALM, INTERNAL_ERROR, CANCEL))
def largest_headers(peer):
    block = peer.block("/")
    fields = []
    while len(block) + 1100 < DEFAULT_FRAME:
        block += hpack.literal(b"x-long", b"v" * 1000)
    left = DEFAULT_FRAME - len(block) - len(hpack.literal(b"x-long", b"v" * 200)) + 200
    block += hpack.literal(b"x-long", b"v" * left)
    assert len(block) == DEFAULT_FRAME, (len(block), fields)
    peer.send(headers(1, block))


def _too_long(peer):
    size = peer.settings.get(MAX_FRAME_SIZE, DEFAULT_FRAME) + 1
    if size > 1 << 20:
        raise Skipped(f"it takes frames of {size - 1} bytes")
    return b"\0" * size


@case("4.2", "DATA longer than SETTINGS_MAX_FRAME_SIZE", connection(FRAME_SIZE_ERROR) | stream(FRAME_SIZE_ERROR))
def long_data(peer):
    octets = _too_long(peer)
    peer.post()
    peer.send(data(1, octets, end=True))


@case("4.2", "HEADERS longer than SETTINGS_MAX_FRAME_SIZE", connection(FRAME_SIZE_ERROR))
def long_headers(peer):
    peer.send(headers(1, peer.block("/") + _too_long(peer)))


@case("4.2", "CONTINUATION longer than SETTINGS_MAX_FRAME_SIZE", connection(FRAME_SIZE_ERROR))
def long_continuation(peer):
    peer.send(headers(1, peer.block("/"), flags=0), continuation(1, _too_long(peer)))


@case("4.2", "SETTINGS longer than SETTINGS_MAX_FRAME_SIZE", connection(FRAME_SIZE_ERROR))
def long_settings(peer):
    octets = _too_long(peer)
    peer.send(settings(*[(0x7fff, 0)] * (len(octets) // 6 + 1)))


@case("4.2", "A frame of unknown type on the connection, longer than SETTINGS_MAX_FRAME_SIZE",
      connection(FRAME_SIZE_ERROR))
def long_unknown_type(peer):
    peer.send(frame(0xbe, 0, 0, _too_long(peer)))


@case("4.3", "A field block that ends within a field", connection(COMPRESSION_ERROR))
def truncated_block(peer):
    peer.send(headers(1, peer.block("/") + hpack.literal(b"x-cut", b"value")[:-2]))


@case("4.3", "A field block of nonsense", connection(COMPRESSION_ERROR))
def nonsense_block(peer):
    peer.send(headers(1, b"\xff" * 24))


@case("4.3", "A field block in HEADERS and six CONTINUATION frames, split within fields", answered())
def block_in_pieces(peer):
    block = peer.block("/", "GET", ("x-first", "1"), ("x-second", "2"))
    size = -(-len(block) // 7)
    pieces = [block[at:at + size] for at in range(0, len(block), size)]
    peer.send(headers(1, pieces[0], flags=0),
              *[continuation(1, piece, end=False) for piece in pieces[1:-1]], continuation(1, pieces[-1]))


@case("4.3", "A malformed request still changes the table: the next request uses an entry of it", answered(id=3))
def table_of_malformed_request(peer):
    fields = [(name.encode(), value.encode()) for name, value in peer.request("/")]
    keeper = hpack.literal(b"x-kept", b"in the table", "incremental")
    peer.send(headers(1, hpack.block(fields) + hpack.literal(b"Upper", b"case") + keeper))
    peer.send(headers(3, hpack.block(fields) + hpack.indexed(62)))


def _within_block(name, what):
    def declare(make):
        @case("4.3", f"{what} between HEADERS and CONTINUATION", connection(PROTOCOL_ERROR), name=name)
        def within(peer):
            peer.post(1)
            peer.sync()
            block = peer.block("/")
            peer.send(headers(3, block[:5], flags=0), make(peer), continuation(3, block[5:]))
        return make
    return declare


@_within_block("data-within-block", "DATA of another stream")
def _(peer):
    return data(1, b"x")


@_within_block("headers-within-block", "HEADERS of another stream")
def _(peer):
    return headers(5, peer.block("/"))


@_within_block("headers-again-within-block", "HEADERS of the same stream")
def _(peer):
    return headers(3, peer.block("/"))


@_within_block("priority-within-block", "PRIORITY of the same stream")
def _(peer):
    return priority(3)


@_within_block("reset-within-block", "RST_STREAM of the same stream")
def _(peer):
    return rst_stream(3)


@_within_block("settings-within-block", "SETTINGS")
def _(peer):
    return settings()


@_within_block("ping-within-block", "PING")
def _(peer):
    return ping()


@_within_block("goaway-within-block", "GOAWAY")
def _(peer):
    return goaway()


@_within_block("credit-within-block", "WINDOW_UPDATE of the connection")
def _(peer):
    return window_update(0, 1)


@_within_block("credit-of-stream-within-block", "WINDOW_UPDATE of the same stream")
def _(peer):
    return window_update(3, 1)


@_within_block("continuation-of-other-within-block", "CONTINUATION of another stream")
def _(peer):
    return continuation(1, b"")


@case("5.5", "A frame of an unknown type between HEADERS and CONTINUATION", connection(PROTOCOL_ERROR))
def unknown_type_within_block(peer):
    block = peer.block("/")
    peer.send(headers(1, block[:5], flags=0), frame(0xbe, 0, 1, b"?"), continuation(1, block[5:]))


@case("5.5", "A setting that nobody knows", alive())
def unknown_setting(peer):
    peer.announce((0xbeef, 0xffffffff))


@case("5.5", "Frames of every unknown type at once, on the connection and on a stream", answered())
def all_unknown_types(peer):
    peer.post()
    # Types that later RFCs took (ALTSVC, ORIGIN, PRIORITY_UPDATE) have rules of their own.
    types = [kind for kind in range(0x11, 0x100)]
    peer.send(*[frame(kind, 0, 0, b"?") for kind in types], *[frame(kind, 0, 1, b"?") for kind in types],
              data(1, b"body", end=True))


@case("7", "RST_STREAM with an unknown code", alive())
def unknown_code_of_reset(peer):
    peer.post()
    peer.send(rst_stream(1, 0xdeadbeef))


@case("7", "GOAWAY with an unknown code: what is under way is finished", answered() | lenient(
    connection(NO_ERROR, may_just_close=True)))
def unknown_code_of_goaway(peer):
    peer.post()
    peer.send(goaway(0, 0xdeadbeef), data(1, b"body", end=True))
