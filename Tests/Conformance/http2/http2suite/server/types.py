"""Sections 6.1 to 6.5: DATA, HEADERS, PRIORITY, RST_STREAM and SETTINGS."""

from .. import hpack
from ..case import case
from ..expect import alive, answered, connection, lenient, stream
from ..frames import *
from ..target import check


@case("6.1", "DATA on stream 0", connection(PROTOCOL_ERROR))
def data_on_zero(peer):
    peer.post()
    peer.send(data(0, b"x", end=True))


@case("6.1", "DATA whose padding is as long as its payload", connection(PROTOCOL_ERROR))
def data_all_padding(peer):
    peer.post()
    peer.send(frame(DATA, END_STREAM | PADDED, 1, padded(b"", 5, declared=6)))


@case("6.1", "DATA whose padding is longer than its payload", connection(PROTOCOL_ERROR))
def data_padding_too_long(peer):
    peer.post()
    peer.send(frame(DATA, END_STREAM | PADDED, 1, padded(b"body", 0, declared=255)))


@case("6.1", "DATA with the PADDED flag and no payload at all", connection(FRAME_SIZE_ERROR, PROTOCOL_ERROR))
def data_padded_empty(peer):
    peer.post()
    peer.send(frame(DATA, END_STREAM | PADDED, 1))


@case("6.1", "DATA with padding, as long as it can be", answered())
def data_padded(peer):
    peer.post()
    peer.send(frame(DATA, PADDED, 1, padded(b"body", 255)), frame(DATA, END_STREAM | PADDED, 1, padded(b"", 255)))


@case("6.1", "DATA with a padding length of 0", answered())
def data_padded_by_zero(peer):
    peer.post()
    peer.send(frame(DATA, END_STREAM | PADDED, 1, padded(b"body", 0)))


@case("6.1", "DATA whose padding is not zero", answered() | connection(PROTOCOL_ERROR))
def data_padding_not_zero(peer):
    peer.post()
    peer.send(frame(DATA, END_STREAM | PADDED, 1, padded(b"body", 20, filler=b"!")))


@case("6.1", "Empty DATA with END_STREAM ends a request", answered())
def data_empty_end(peer):
    peer.post()
    peer.send(data(1, b"body"), data(1, b"", end=True))


@case("6.2", "HEADERS on stream 0", connection(PROTOCOL_ERROR))
def headers_on_zero(peer):
    peer.send(headers(0, peer.block("/")))


@case("6.2", "HEADERS whose padding is longer than its payload", connection(PROTOCOL_ERROR))
def headers_padding_too_long(peer):
    peer.send(frame(HEADERS, END_HEADERS | END_STREAM | PADDED, 1, padded(peer.block("/"), 0, declared=255)))


@case("6.2", "HEADERS whose padding reaches into its priority fields", connection(PROTOCOL_ERROR))
def headers_padding_over_priority(peer):
    payload = priority_fields() + b"\x82" * 3
    peer.send(frame(HEADERS, END_HEADERS | END_STREAM | PADDED | PRIORITISED, 1,
                    padded(payload, 0, declared=len(payload) - 1)))


@case("6.2", "HEADERS with the PADDED flag and no payload", connection(FRAME_SIZE_ERROR, PROTOCOL_ERROR))
def headers_padded_empty(peer):
    peer.send(frame(HEADERS, END_HEADERS | END_STREAM | PADDED, 1))


@case("6.2", "HEADERS with the PRIORITY flag and four bytes of payload", connection(FRAME_SIZE_ERROR, PROTOCOL_ERROR))
def headers_priority_short(peer):
    peer.send(frame(HEADERS, END_HEADERS | END_STREAM | PRIORITISED, 1, b"\0\0\0\0"))


@case("6.2", "HEADERS with padding", answered())
def headers_padded(peer):
    peer.send(frame(HEADERS, END_HEADERS | END_STREAM | PADDED, 1, padded(peer.block("/"), 200)))


@case("6.2", "HEADERS with padding and priority fields", answered())
def headers_padded_and_prioritised(peer):
    peer.send(frame(HEADERS, END_HEADERS | END_STREAM | PADDED | PRIORITISED, 1,
                    padded(priority_fields(3, 7) + peer.block("/"), 9)))


@case("6.2", "HEADERS whose padding is not zero", answered() | connection(PROTOCOL_ERROR))
def headers_padding_not_zero(peer):
    peer.send(frame(HEADERS, END_HEADERS | END_STREAM | PADDED, 1, padded(peer.block("/"), 20, filler=b"!")))


@case("6.2", "An empty HEADERS frame whose block comes in CONTINUATION", answered())
def headers_empty_fragment(peer):
    peer.send(headers(1, b"", flags=0), continuation(1, peer.block("/")))


@case("6.3", "PRIORITY on stream 0", connection(PROTOCOL_ERROR))
def priority_on_zero(peer):
    peer.send(priority(0))


@case("6.3", "PRIORITY of four bytes", stream(FRAME_SIZE_ERROR) | lenient(connection(FRAME_SIZE_ERROR)))
def priority_short(peer):
    peer.post()
    peer.send(frame(PRIORITY, 0, 1, b"\0\0\0\0"))


@case("6.3", "PRIORITY of six bytes", stream(FRAME_SIZE_ERROR) | lenient(connection(FRAME_SIZE_ERROR)))
def priority_long(peer):
    peer.post()
    peer.send(frame(PRIORITY, 0, 1, b"\0\0\0\0\0\0"))


@case("6.4", "RST_STREAM on stream 0", connection(PROTOCOL_ERROR))
def reset_on_zero(peer):
    peer.send(rst_stream(0))


@case("6.4", "RST_STREAM on an idle stream", connection(PROTOCOL_ERROR))
def reset_of_idle(peer):
    peer.send(rst_stream(11))


@case("6.4", "RST_STREAM of three bytes", connection(FRAME_SIZE_ERROR))
def reset_short(peer):
    peer.post()
    peer.send(frame(RST_STREAM, 0, 1, b"\0\0\0"))


@case("6.4", "RST_STREAM of five bytes", connection(FRAME_SIZE_ERROR))
def reset_long(peer):
    peer.post()
    peer.send(frame(RST_STREAM, 0, 1, b"\0\0\0\0\0"))


@case("6.4", "Nothing but PRIORITY comes on a stream behind RST_STREAM that the peer has read", alive())
def reset_stops_response(peer):
    peer.get(1, "/big")
    peer.head(1)
    peer.send(rst_stream(1))
    peer.sync()
    had = len(peer.streams[1].body)
    peer.send(window_update(0, 1 << 20))
    peer.sync()
    peer.sync()
    check(len(peer.streams[1].body) == had, "DATA went on")


@case("6.5", "SETTINGS with ACK and a payload", connection(FRAME_SIZE_ERROR))
def settings_ack_with_payload(peer):
    peer.send(settings((ENABLE_PUSH, 0), ack=True))


@case("6.5", "SETTINGS on a stream", connection(PROTOCOL_ERROR))
def settings_on_stream(peer):
    peer.send(settings((ENABLE_PUSH, 0), stream=1))


@case("6.5", "SETTINGS whose length is no multiple of six", connection(FRAME_SIZE_ERROR))
def settings_length(peer):
    peer.send(frame(SETTINGS, 0, 0, b"\0\2\0"))


@case("6.5", "SETTINGS whose length is no multiple of six, behind a whole setting", connection(FRAME_SIZE_ERROR))
def settings_length_behind_setting(peer):
    peer.send(frame(SETTINGS, 0, 0, b"\0\2\0\0\0\0" + b"\0\2\0\0\0"))


@case("6.5.2", "SETTINGS_ENABLE_PUSH of 2", connection(PROTOCOL_ERROR))
def push_of_two(peer):
    peer.send(settings((ENABLE_PUSH, 2)))


@case("6.5.2", "SETTINGS_INITIAL_WINDOW_SIZE of 2^31", connection(FLOW_CONTROL_ERROR))
def window_too_large(peer):
    peer.send(settings((INITIAL_WINDOW_SIZE, 1 << 31)))


@case("6.5.2", "SETTINGS_MAX_FRAME_SIZE of 16,383", connection(PROTOCOL_ERROR))
def max_frame_too_small(peer):
    peer.send(settings((MAX_FRAME_SIZE, DEFAULT_FRAME - 1)))


@case("6.5.2", "SETTINGS_MAX_FRAME_SIZE of 2^24", connection(PROTOCOL_ERROR))
def max_frame_too_large(peer):
    peer.send(settings((MAX_FRAME_SIZE, 1 << 24)))


@case("6.5.2", "Every setting at the ends of its range", alive())
def settings_at_their_ends(peer):
    peer.announce((MAX_FRAME_SIZE, DEFAULT_FRAME), (INITIAL_WINDOW_SIZE, 0), (HEADER_TABLE_SIZE, 0),
                  (MAX_CONCURRENT_STREAMS, 0), (ENABLE_PUSH, 0))
    peer.announce((MAX_FRAME_SIZE, (1 << 24) - 1), (INITIAL_WINDOW_SIZE, MAX_WINDOW),
                  (HEADER_TABLE_SIZE, 0xffffffff), (MAX_CONCURRENT_STREAMS, 0xffffffff),
                  (MAX_HEADER_LIST_SIZE, 0xffffffff))
    peer.announce((INITIAL_WINDOW_SIZE, DEFAULT_WINDOW), (HEADER_TABLE_SIZE, 4096))


@case("6.5.2", "A setting with the identifier 0", alive())
def setting_zero(peer):
    peer.announce((0, 1))


@case("6.5.3", "Each SETTINGS frame is acknowledged", alive())
def settings_acknowledged(peer):
    wanted = peer.acknowledgements + 5
    peer.send(*[settings((MAX_CONCURRENT_STREAMS, number)) for number in range(5)])
    peer.wait(lambda: peer.acknowledgements >= wanted, "some SETTINGS were not acknowledged")
    check(peer.acknowledgements == wanted, "there are more acknowledgements than SETTINGS")


@case("6.5.3", "Values take effect in their order: the last of three window sizes counts", answered())
def settings_in_order(peer):
    peer.announce((INITIAL_WINDOW_SIZE, 100), (INITIAL_WINDOW_SIZE, 5), (INITIAL_WINDOW_SIZE, 1))
    peer.get()
    peer.wait(lambda: 1 in peer.streams and peer.streams[1].body, "no DATA")
    peer.sync()
    check(len(peer.streams[1].body) == 1, f"{len(peer.streams[1].body)} bytes came, 1 was allowed")
    peer.send(window_update(1, DEFAULT_WINDOW))


@case("6.5.2", "SETTINGS_HEADER_TABLE_SIZE of 0: the peer's encoder keeps to it", answered(id=5))
def table_size_of_zero(peer):
    peer.get(1)
    peer.response(1)
    peer.announce((HEADER_TABLE_SIZE, 0))
    for number in (3, 5):
        peer.get(number)
        peer.response(number)


@case("6.5.2", "SETTINGS_HEADER_TABLE_SIZE up and down: the peer's encoder keeps to it", answered(id=13))
def table_size_changes(peer):
    for number, size in enumerate((0, 16384, 64, 4096, 100, 65536)):
        peer.announce((HEADER_TABLE_SIZE, size))
        peer.get(2 * number + 1)
        peer.response(2 * number + 1)
    peer.get(13)


@case("6.5.2", "SETTINGS_MAX_FRAME_SIZE stays at 16,384 unless raised: the peer's DATA keeps to it", answered(),
      needs=("early",))
def own_max_frame(peer):
    peer.returns_credit = True
    peer.get(1, "/big")
    check(len(peer.response().body) == 1 << 18, "the body is not whole")


@case("6.5.2", "SETTINGS_MAX_HEADER_LIST_SIZE, which is advice", alive())
def small_header_list(peer):
    peer.announce((MAX_HEADER_LIST_SIZE, 1 << 16))
    peer.send(headers(1, hpack.block(peer.request("/"))))
    check(peer.response().status == 200, "no response")
