"""Sections 4, 5 and 6 for what a service may send wrongly on a stream."""

from .. import hpack
from ..case import SUCCEEDS, Skipped
from ..expect import alive, connection, lenient, stream
from ..frames import *
from ..service import OK
from .declare import answers, gateway_case

_OK = hpack.block(OK)


def _ok(peer, end=True):
    return headers(peer.number, _OK, end=end)


def _limit(peer):
    return peer.settings.get(MAX_FRAME_SIZE, DEFAULT_FRAME)


answers("4.1", "unknown-type", "Frames of an unknown type, on the connection and on the stream", alive(),
        lambda peer: [frame(0xbe, 0xff, 0, b"?"), frame(0xbe, 0xff, peer.number, b"?"), _ok(peer)], SUCCEEDS)
answers("4.1", "unknown-flags", "HEADERS and DATA with flags that have no meaning", alive(),
        lambda peer: [headers(peer.number, _OK, end=False, flags=END_HEADERS | 0x42 | 0x80),
                      data(peer.number, b"hello", end=True, flags=0x42 | 0x80)], SUCCEEDS)
answers("4.1", "reserved-bit", "HEADERS and DATA with the reserved bit", alive(),
        lambda peer: [frame(HEADERS, END_HEADERS, peer.number, _OK, reserved=1),
                      frame(DATA, END_STREAM, peer.number, b"hello", reserved=1)], SUCCEEDS)
answers("4.2", "largest-data", "DATA of 16,384 bytes", alive(),
        lambda peer: [_ok(peer, False), data(peer.number, b"x" * DEFAULT_FRAME, end=True)], SUCCEEDS)
for _kind, _name in ((DATA, "data"), (HEADERS, "headers"), (0xbe, "unknown-type-on-connection")):
    @gateway_case("4.2", f"A frame ({_name.replace('-', ' ')}) longer than SETTINGS_MAX_FRAME_SIZE",
                  connection(FRAME_SIZE_ERROR) | stream(FRAME_SIZE_ERROR) if _kind == DATA
                  else connection(FRAME_SIZE_ERROR), name=f"long-{_name}")
    def _long(peer, kind=_kind):
        peer.handshake()
        peer.receive_request()
        if _limit(peer) > 1 << 20:
            raise Skipped(f"it takes frames of {_limit(peer)} bytes")
        block = hpack.block(OK)
        payload = (block if kind == HEADERS else b"") + b"\0" * (_limit(peer) + 1)
        first = [_ok(peer, False)] if kind == DATA else []
        peer.send(*first, frame(kind, END_HEADERS, 0 if kind == 0xbe else peer.number, payload))

answers("4.3", "bad-block", "A field block that cannot be decoded", connection(COMPRESSION_ERROR),
        lambda peer: [headers(peer.number, _OK + b"\xff\xff\xff\xff\xff\xff\xff\xff")])
answers("4.3", "cut-block", "A field block that ends within a field", connection(COMPRESSION_ERROR),
        lambda peer: [headers(peer.number, _OK + hpack.literal(b"x-cut", b"value")[:-2])])
answers("4.3", "block-in-pieces", "A field block in HEADERS and CONTINUATION", alive(),
        lambda peer: [headers(peer.number, _OK[:3], flags=0), continuation(peer.number, _OK[3:9], end=False),
                      continuation(peer.number, _OK[9:])], SUCCEEDS)
for _name, _make in (
        ("data", lambda peer: data(peer.number, b"x")), ("headers", lambda peer: headers(peer.number, _OK)),
        ("ping", lambda peer: ping()), ("settings", lambda peer: settings()),
        ("reset", lambda peer: rst_stream(peer.number)), ("credit", lambda peer: window_update(0, 1)),
        ("unknown-type", lambda peer: frame(0xbe, 0, peer.number, b"?")),
        ("other-continuation", lambda peer: continuation(peer.number + 2, b""))):
    answers("4.3", f"{_name}-within-block", f"{_name.replace('-', ' ').capitalize()} between HEADERS and CONTINUATION",
            connection(PROTOCOL_ERROR),
            lambda peer, make=_make: [headers(peer.number, _OK[:3], flags=0), make(peer),
                                      continuation(peer.number, _OK[3:])])

# Streams that nobody has opened, or that are over.
for _name, _make in (
        ("data", lambda number: data(number, b"x")), ("headers", lambda number: headers(number, _OK)),
        ("reset", lambda number: rst_stream(number)), ("credit", lambda number: window_update(number, 1))):
    answers("5.1", f"{_name}-on-idle", f"{_name.capitalize()} on an idle stream of the gateway's",
            connection(PROTOCOL_ERROR), lambda peer, make=_make: [make(peer.number + 100)])
    answers("5.1", f"{_name}-on-even", f"{_name.capitalize()} on a stream of the service's that was never promised",
            connection(PROTOCOL_ERROR), lambda peer, make=_make: [make(2)])
answers("5.1", "priority-on-idle", "PRIORITY on an idle stream", alive(),
        lambda peer: [priority(peer.number + 100), priority(2), _ok(peer)], SUCCEEDS)
_AFTER_END = stream(STREAM_CLOSED) | connection(STREAM_CLOSED) | lenient(connection(PROTOCOL_ERROR)) \
    | lenient(stream(PROTOCOL_ERROR)) | lenient(alive())
answers("5.1", "data-behind-end", "DATA behind END_STREAM", _AFTER_END,
        lambda peer: [_ok(peer), data(peer.number, b"more", end=True)], None)
answers("5.1", "headers-behind-end", "HEADERS behind END_STREAM", _AFTER_END,
        lambda peer: [_ok(peer), headers(peer.number, _OK)], None)
answers("5.1", "late-frames-behind-end", "WINDOW_UPDATE, PRIORITY and RST_STREAM behind END_STREAM", alive(),
        lambda peer: [_ok(peer), window_update(peer.number, 1), priority(peer.number),
                      rst_stream(peer.number, NO_ERROR)], SUCCEEDS)
answers("5.3", "priority", "HEADERS with a dependency and a weight", alive(),
        lambda peer: [headers(peer.number, priority_fields(0, 200) + _OK, flags=END_HEADERS | PRIORITISED)], SUCCEEDS)

# DATA, HEADERS, PRIORITY, RST_STREAM
answers("6.1", "data-on-zero", "DATA on stream 0", connection(PROTOCOL_ERROR),
        lambda peer: [_ok(peer, False), data(0, b"x", end=True)])
answers("6.1", "data-padding-too-long", "DATA whose padding is longer than its payload", connection(PROTOCOL_ERROR),
        lambda peer: [_ok(peer, False), frame(DATA, END_STREAM | PADDED, peer.number, padded(b"x", 0, 255))])
answers("6.1", "data-padded-empty", "DATA with the PADDED flag and no payload",
        connection(FRAME_SIZE_ERROR, PROTOCOL_ERROR),
        lambda peer: [_ok(peer, False), frame(DATA, END_STREAM | PADDED, peer.number)])
answers("6.1", "data-padded", "DATA with padding", alive(),
        lambda peer: [_ok(peer, False), frame(DATA, PADDED, peer.number, padded(b"hello", 100)),
                      frame(DATA, END_STREAM | PADDED, peer.number, padded(b"", 255))], SUCCEEDS)
answers("6.1", "data-before-headers", "DATA before HEADERS", stream(PROTOCOL_ERROR),
        lambda peer: [data(peer.number, b"x", end=True)])
answers("6.2", "headers-on-zero", "HEADERS on stream 0", connection(PROTOCOL_ERROR),
        lambda peer: [headers(0, _OK)])
answers("6.2", "headers-padding-too-long", "HEADERS whose padding is longer than its payload",
        connection(PROTOCOL_ERROR),
        lambda peer: [frame(HEADERS, END_HEADERS | END_STREAM | PADDED, peer.number, padded(_OK, 0, 255))])
answers("6.2", "headers-padded", "HEADERS with padding", alive(),
        lambda peer: [frame(HEADERS, END_HEADERS | END_STREAM | PADDED, peer.number, padded(_OK, 60))], SUCCEEDS)
answers("6.3", "priority-on-zero", "PRIORITY on stream 0", connection(PROTOCOL_ERROR), lambda peer: [priority(0)])
answers("6.3", "priority-short", "PRIORITY of four bytes",
        stream(FRAME_SIZE_ERROR) | lenient(connection(FRAME_SIZE_ERROR)),
        lambda peer: [frame(PRIORITY, 0, peer.number, b"\0\0\0\0")])
answers("6.4", "reset-on-zero", "RST_STREAM on stream 0", connection(PROTOCOL_ERROR), lambda peer: [rst_stream(0)])
answers("6.4", "reset-short", "RST_STREAM of three bytes", connection(FRAME_SIZE_ERROR),
        lambda peer: [frame(RST_STREAM, 0, peer.number, b"\0\0\0")])
answers("6.4", "reset", "RST_STREAM in place of a response: no RST_STREAM comes back", alive(),
        lambda peer: [rst_stream(peer.number, INTERNAL_ERROR)])
answers("6.4", "reset-in-body", "RST_STREAM in the middle of a body: the client does not see a whole one", alive(),
        lambda peer: [_ok(peer, False), data(peer.number, b"part"), rst_stream(peer.number, INTERNAL_ERROR)])
answers("7", "reset-with-unknown-code", "RST_STREAM with an unknown code", alive(),
        lambda peer: [rst_stream(peer.number, 0xdeadbeef)])
