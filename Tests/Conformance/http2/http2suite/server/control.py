"""Sections 6.6 to 6.10: PUSH_PROMISE, PING, GOAWAY, WINDOW_UPDATE and CONTINUATION."""

from .. import hpack
from ..case import case
from ..expect import alive, answered, connection, lenient, stream
from ..frames import *
from ..target import check


@case("6.6", "PUSH_PROMISE from a client", connection(PROTOCOL_ERROR))
def push_from_client(peer):
    peer.post()
    peer.send(push_promise(1, 2, peer.block("/")))


@case("6.6", "PUSH_PROMISE from a client on an idle stream", connection(PROTOCOL_ERROR))
def push_on_idle(peer):
    peer.send(push_promise(1, 2, peer.block("/")))


@case("6.6", "PUSH_PROMISE from a client on stream 0", connection(PROTOCOL_ERROR))
def push_on_zero(peer):
    peer.send(push_promise(0, 2, peer.block("/")))


@case("6.7", "PING comes back with ACK and the same eight bytes", alive())
def ping_is_answered(peer):
    peer.send(ping(b"\0\1\2\3\xfc\xfd\xfe\xff"))
    peer.wait(lambda: peer.pongs, "PING was not answered")
    check(peer.pongs == [b"\0\1\2\3\xfc\xfd\xfe\xff"], f"the answer is {peer.pongs}")


@case("6.7", "PING with ACK is not answered", alive())
def ping_ack_is_not_answered(peer):
    peer.send(ping(b"ack-only", ack=True), ping(b"a-ping-x"))
    peer.wait(lambda: b"a-ping-x" in peer.pongs, "PING was not answered")
    check(b"ack-only" not in peer.pongs, "an acknowledgement was answered")


@case("6.7", "PINGs are answered while a stream is open", answered())
def ping_while_open(peer):
    peer.post()
    for number in range(5):
        peer.send(ping(b"ping  %02d" % number))
    peer.wait(lambda: len(peer.pongs) == 5, "a PING was not answered")
    peer.send(data(1, b"body", end=True))


@case("6.7", "PING on a stream", connection(PROTOCOL_ERROR))
def ping_on_stream(peer):
    peer.send(ping(stream=1))


@case("6.7", "PING of seven bytes", connection(FRAME_SIZE_ERROR))
def ping_short(peer):
    peer.send(ping(b"7 bytes"))


@case("6.7", "PING of nine bytes", connection(FRAME_SIZE_ERROR))
def ping_long(peer):
    peer.send(ping(b"nine byte"))


@case("6.7", "An empty PING with ACK", connection(FRAME_SIZE_ERROR))
def ping_ack_empty(peer):
    peer.send(ping(b"", ack=True))


@case("6.8", "GOAWAY on a stream", connection(PROTOCOL_ERROR))
def goaway_on_stream(peer):
    peer.send(goaway(stream=1))


@case("6.8", "GOAWAY of seven bytes", connection(FRAME_SIZE_ERROR))
def goaway_short(peer):
    peer.send(frame(GOAWAY, 0, 0, b"\0" * 7))


@case("6.8", "GOAWAY of the client: a request under way is answered", answered() | lenient(
    connection(NO_ERROR, may_just_close=True)))
def goaway_lets_finish(peer):
    peer.post()
    peer.send(goaway(0, NO_ERROR, b"that is all"), data(1, b"body", end=True))


@case("6.8", "GOAWAY twice, the second with a lower stream", answered() | lenient(
    connection(NO_ERROR, may_just_close=True)))
def goaway_twice(peer):
    peer.post()
    peer.send(goaway(MAX_WINDOW - 1), goaway(0), data(1, b"body", end=True))


@case("6.9", "WINDOW_UPDATE of 0 on the connection", connection(PROTOCOL_ERROR))
def credit_of_zero(peer):
    peer.send(window_update(0, 0))


@case("6.9", "WINDOW_UPDATE of 0 on a stream", stream(PROTOCOL_ERROR))
def credit_of_zero_on_stream(peer):
    peer.post()
    peer.send(window_update(1, 0))


@case("6.9", "WINDOW_UPDATE with nothing but its reserved bit", connection(PROTOCOL_ERROR))
def credit_of_reserved_bit(peer):
    peer.send(window_update(0, 1 << 31))


@case("6.9", "WINDOW_UPDATE with its reserved bit and an increment", alive())
def credit_with_reserved_bit(peer):
    peer.send(window_update(0, 1 << 31 | 10))


@case("6.9", "WINDOW_UPDATE of three bytes", connection(FRAME_SIZE_ERROR))
def credit_short(peer):
    peer.send(frame(WINDOW_UPDATE, 0, 0, b"\0\0\1"))


@case("6.9", "WINDOW_UPDATE of five bytes", connection(FRAME_SIZE_ERROR))
def credit_long(peer):
    peer.send(frame(WINDOW_UPDATE, 0, 0, b"\0\0\0\0\1"))


@case("6.9", "WINDOW_UPDATE of three bytes on a stream", connection(FRAME_SIZE_ERROR))
def credit_short_on_stream(peer):
    peer.post()
    peer.send(frame(WINDOW_UPDATE, 0, 1, b"\0\0\1"))


@case("6.10", "CONTINUATION frames, the last with END_HEADERS", answered())
def continuations(peer):
    block = peer.block("/")
    peer.send(headers(1, block[:4], flags=0), continuation(1, block[4:8], end=False), continuation(1, block[8:]))


@case("6.10", "Empty CONTINUATION frames, a few; a limit may refuse them",
      answered() | connection(ENHANCE_YOUR_CALM, PROTOCOL_ERROR))
def empty_continuations(peer):
    block = peer.block("/")
    peer.send(headers(1, block[:4], flags=0), continuation(1, b"", end=False), continuation(1, b"", end=False),
              continuation(1, block[4:], end=False), continuation(1, b""))


@case("6.10", "CONTINUATION with flags that have no meaning: END_STREAM is none of it", answered())
def continuation_flags(peer):
    block = peer.block("/echo", "POST")
    peer.send(headers(1, block[:4], end=False, flags=0), continuation(1, block[4:], flags=0x01 | 0x08 | 0x20),
              data(1, b"body", end=True))


@case("6.10", "END_STREAM on HEADERS that is continued", answered())
def continued_end_of_stream(peer):
    block = peer.block("/")
    peer.send(headers(1, block[:-3], flags=0), continuation(1, block[-3:]))


@case("6.10", "CONTINUATION on stream 0", connection(PROTOCOL_ERROR))
def continuation_on_zero(peer):
    block = peer.block("/")
    peer.send(headers(1, block[:5], flags=0), continuation(0, block[5:]))


@case("6.10", "CONTINUATION behind HEADERS with END_HEADERS", connection(PROTOCOL_ERROR))
def continuation_behind_end(peer):
    peer.post()
    peer.send(continuation(1, hpack.literal(b"x-late", b"1")))


@case("6.10", "CONTINUATION behind CONTINUATION with END_HEADERS", connection(PROTOCOL_ERROR))
def continuation_behind_continuation(peer):
    block = peer.block("/echo", "POST")
    peer.send(headers(1, block[:5], end=False, flags=0), continuation(1, block[5:]),
              continuation(1, hpack.literal(b"x-late", b"1")))


@case("6.10", "CONTINUATION behind DATA", connection(PROTOCOL_ERROR))
def continuation_behind_data(peer):
    peer.post()
    peer.send(data(1, b"body"), continuation(1, hpack.literal(b"x-late", b"1")))


@case("6.10", "CONTINUATION behind a whole block of trailers",
      connection(PROTOCOL_ERROR) | connection(STREAM_CLOSED) | lenient(stream(STREAM_CLOSED)))
def continuation_behind_trailers(peer):
    peer.post(1, "/wait" if "echo" in peer.target.features else "/echo")
    peer.send(data(1, b"body"), headers(1, hpack.block([("x-sum", "4")])),
              continuation(1, hpack.literal(b"x-late", b"1")))
