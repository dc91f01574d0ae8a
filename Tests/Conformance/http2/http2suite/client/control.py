"""Sections 6.5 to 6.10 for services: SETTINGS, PUSH_PROMISE, PING, GOAWAY, WINDOW_UPDATE and CONTINUATION."""

from .. import hpack
from ..case import SUCCEEDS, Failed, Skipped, Tolerated
from ..expect import alive, connection, done, lenient, stream
from ..frames import *
from ..service import OK
from ..target import check
from .declare import answers, gateway_case

_OK = hpack.block(OK)
_GET = hpack.block([(":method", "GET"), (":scheme", "http"), (":authority", "example.test"), (":path", "/pushed")])

for _name, _what, _code, _frame in (
        ("settings-ack-with-payload", "SETTINGS with ACK and a payload", FRAME_SIZE_ERROR,
         settings((MAX_CONCURRENT_STREAMS, 9), ack=True)),
        ("settings-on-stream", "SETTINGS on a stream", PROTOCOL_ERROR, settings(stream=1)),
        ("settings-length", "SETTINGS whose length is no multiple of six", FRAME_SIZE_ERROR,
         frame(SETTINGS, 0, 0, b"\0\3\0")),
        ("window-too-large", "SETTINGS_INITIAL_WINDOW_SIZE of 2^31", FLOW_CONTROL_ERROR,
         settings((INITIAL_WINDOW_SIZE, 1 << 31))),
        ("max-frame-too-small", "SETTINGS_MAX_FRAME_SIZE of 16,383", PROTOCOL_ERROR,
         settings((MAX_FRAME_SIZE, DEFAULT_FRAME - 1))),
        ("max-frame-too-large", "SETTINGS_MAX_FRAME_SIZE of 2^24", PROTOCOL_ERROR,
         settings((MAX_FRAME_SIZE, 1 << 24))),
        ("push-enabled", "SETTINGS_ENABLE_PUSH of 1, which no server may send", PROTOCOL_ERROR,
         settings((ENABLE_PUSH, 1))),
        ("push-of-two", "SETTINGS_ENABLE_PUSH of 2", PROTOCOL_ERROR, settings((ENABLE_PUSH, 2)))):
    answers("6.5", _name, _what, connection(_code), lambda peer, one=_frame: [one])
answers("6.5", "unknown-setting", "A setting that nobody knows, and SETTINGS_ENABLE_PUSH of 0", alive(),
        lambda peer: [settings((0xbeef, 1), (ENABLE_PUSH, 0)), headers(peer.number, _OK)], SUCCEEDS)


@gateway_case("6.5.3", "SETTINGS in the middle of a stream are acknowledged", alive(), SUCCEEDS)
def settings_acknowledged(peer):
    peer.handshake()
    peer.receive_request()
    wanted = peer.acknowledgements + 3
    peer.send(*[settings((MAX_CONCURRENT_STREAMS, 100 + number)) for number in range(3)])
    peer.wait(lambda: peer.acknowledgements == wanted, "some SETTINGS were not acknowledged")
    peer.respond()


@gateway_case("6.6", "PUSH_PROMISE, though the gateway has turned push off", connection(PROTOCOL_ERROR))
def push(peer):
    peer.handshake()
    peer.receive_request()
    if peer.settings.get(ENABLE_PUSH, 1):
        raise Skipped("the gateway does not turn push off")
    peer.send(push_promise(peer.number, 2, _GET))


answers("6.6", "push-of-odd", "PUSH_PROMISE of a stream with an odd number", connection(PROTOCOL_ERROR),
        lambda peer: [push_promise(peer.number, peer.number + 2, _GET)])
answers("6.6", "push-on-zero", "PUSH_PROMISE on stream 0", connection(PROTOCOL_ERROR),
        lambda peer: [push_promise(0, 2, _GET)])


@gateway_case("6.7", "PING comes back with ACK and the same eight bytes", alive(), SUCCEEDS)
def ping_is_answered(peer):
    peer.handshake()
    peer.receive_request()
    peer.send(ping(b"\0\1\2\3\xfc\xfd\xfe\xff"), ping(b"ack-only", ack=True))
    peer.wait(lambda: peer.pongs, "PING was not answered")
    check(peer.pongs == [b"\0\1\2\3\xfc\xfd\xfe\xff"], f"the answer is {peer.pongs}")
    peer.respond()


answers("6.7", "ping-on-stream", "PING on a stream", connection(PROTOCOL_ERROR), lambda peer: [ping(stream=1)])
answers("6.7", "ping-short", "PING of seven bytes", connection(FRAME_SIZE_ERROR), lambda peer: [ping(b"7 bytes")])
answers("6.8", "goaway-on-stream", "GOAWAY on a stream", connection(PROTOCOL_ERROR), lambda peer: [goaway(stream=1)])
answers("6.8", "goaway-short", "GOAWAY of seven bytes", connection(FRAME_SIZE_ERROR),
        lambda peer: [frame(GOAWAY, 0, 0, b"\0" * 7)])


@gateway_case("6.8", "GOAWAY that names the stream under way: its response is taken", done("the response is whole"),
              SUCCEEDS)
def goaway_lets_finish(peer):
    peer.handshake()
    peer.receive_request()
    peer.send(goaway(peer.number, NO_ERROR, b"that is all"))
    peer.respond()
    peer.asking.wait(5)


@gateway_case("6.8", "GOAWAY with 2^31-1, then with the last stream: its response is taken",
              done("the response is whole"), SUCCEEDS)
def goaway_in_two_steps(peer):
    peer.handshake()
    peer.receive_request()
    peer.send(goaway(MAX_WINDOW))
    peer.send(headers(peer.number, _OK, end=False))
    peer.send(goaway(peer.number), data(peer.number, b"hello", end=True))
    peer.asking.wait(5)


@gateway_case("6.8", "Behind GOAWAY no new stream is opened: the next request comes on another connection",
              done("another connection"), None)
def no_stream_behind_goaway(peer):
    peer.handshake()
    peer.receive_request()
    if peer.attempt:
        peer.respond()
        return
    peer.send(goaway(peer.number))
    peer.respond()
    peer.asking.wait(5)
    second = peer.ask("/second").wait(5)
    peer.run(lambda: len(peer.streams) > 1, 0.2)
    check(len(peer.streams) == 1, f"a new stream came: {peer.seen()}")
    check(second.has_succeeded, f"the second request: {second.seen()}")


@gateway_case("6.8", "GOAWAY that names no stream: the request was not processed, and may be sent again elsewhere",
              done("sent again, or failed"), None)
def goaway_before_request(peer):
    peer.handshake()
    peer.receive_request()
    if peer.attempt:
        peer.respond()
        return
    peer.send(goaway(0))
    if not peer.asking.wait(5).is_over:
        raise Tolerated("the request waits for a response that cannot come")
    check( peer.asking.failure != "no end of the response", peer.asking.seen())


answers("6.9", "credit-of-zero", "WINDOW_UPDATE of 0 on the connection", connection(PROTOCOL_ERROR),
        lambda peer: [window_update(0, 0)])
answers("6.9", "credit-of-zero-on-stream", "WINDOW_UPDATE of 0 on a stream", stream(PROTOCOL_ERROR),
        lambda peer: [window_update(peer.number, 0)])
answers("6.9", "credit-short", "WINDOW_UPDATE of three bytes", connection(FRAME_SIZE_ERROR),
        lambda peer: [frame(WINDOW_UPDATE, 0, 0, b"\0\0\1")])
answers("6.9.1", "connection-window-overflow", "Credit that takes the connection's window over 2^31-1",
        connection(FLOW_CONTROL_ERROR), lambda peer: [window_update(0, MAX_WINDOW)])
answers("6.9.1", "stream-window-overflow", "Credit that takes a stream's window over 2^31-1",
        stream(FLOW_CONTROL_ERROR), lambda peer: [window_update(peer.number, MAX_WINDOW)])
answers("6.9.2", "initial-window-overflow", "SETTINGS_INITIAL_WINDOW_SIZE that takes a stream's window over 2^31-1",
        connection(FLOW_CONTROL_ERROR) | lenient(stream(FLOW_CONTROL_ERROR)),
        lambda peer: [window_update(peer.number, MAX_WINDOW - DEFAULT_WINDOW),
                      settings((INITIAL_WINDOW_SIZE, DEFAULT_WINDOW + 1))])
answers("6.10", "continuation-without-headers", "CONTINUATION without HEADERS", connection(PROTOCOL_ERROR),
        lambda peer: [continuation(peer.number, _OK)])
answers("6.10", "continuation-behind-end", "CONTINUATION behind HEADERS with END_HEADERS", connection(PROTOCOL_ERROR),
        lambda peer: [headers(peer.number, _OK, end=False), continuation(peer.number, b"")])
answers("6.10", "continuation-on-zero", "CONTINUATION on stream 0", connection(PROTOCOL_ERROR),
        lambda peer: [headers(peer.number, _OK[:3], flags=0), continuation(0, _OK[3:])])


@gateway_case("5.1.2", "SETTINGS_MAX_CONCURRENT_STREAMS of 1: never two open streams on a connection, and every "
              "request is answered in the end", done("one stream at a time"), None)
def one_stream_at_a_time(peer):
    peer.handshake((MAX_CONCURRENT_STREAMS, 1))
    early = set(peer.streams)
    others = [peer.ask(f"/{number}") for number in range(3)] if peer.attempt == 0 else []
    served = 0
    while served < 4 and not (others and all(one.is_over for one in others)):
        try:
            peer.receive_request()
        except Failed:
            break
        peer.sync()
        still_open = set(peer.streams) - peer.served - early
        check(not still_open, f"streams {still_open} were opened besides {peer.number}")
        peer.respond()
        served += 1
    for one in others:
        check(one.wait(5).has_succeeded, f"a request was not answered: {one.seen()}")
