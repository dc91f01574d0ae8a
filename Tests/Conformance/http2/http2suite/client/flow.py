"""Sections 5.2 and 6.9 for services: credit in both directions."""

from .. import hpack
from ..case import SUCCEEDS, Skipped
from ..expect import alive, connection, done, lenient, stream
from ..frames import *
from ..service import OK
from ..target import check
from .declare import gateway_case


def _body(peer):
    return len(peer.streams[peer.number].body)


@gateway_case("5.2.1", "A window of ten bytes: ten come of a body, and more as credit is given", alive(), SUCCEEDS)
def small_window(peer):
    peer.handshake((INITIAL_WINDOW_SIZE, 10))
    peer.receive_request()
    peer.respond()
    peer.asking.wait(5)
    # The first request may have come before SETTINGS; this one has not.
    second = peer.ask("/second", "POST", body=b"x" * 100)
    peer.receive_next(whole=False)
    peer.wait(lambda: _body(peer) >= 10, "ten bytes do not come")
    peer.sync()
    check(_body(peer) == 10, f"{_body(peer)} bytes came, 10 allowed")
    peer.send(window_update(peer.number, 20))
    peer.wait(lambda: _body(peer) >= 30, "credit does not make it go on")
    peer.sync()
    check(_body(peer) == 30, f"{_body(peer)} bytes came, 30 allowed")
    peer.send(window_update(peer.number, 1000))
    peer.wait(lambda: peer.streams[peer.number].is_ended, "the body does not end")
    peer.respond()
    check(second.wait(5).has_succeeded, second.seen())


@gateway_case("6.9.1", "A body of 200,000 bytes stops at the connection's window", alive(), SUCCEEDS,
              method="POST", body=b"x" * 200000)
def connection_window(peer):
    peer.handshake((INITIAL_WINDOW_SIZE, 1 << 20))
    peer.receive_request(whole=False)
    peer.send(window_update(peer.number, 1 << 20))
    peer.wait(lambda: _body(peer) >= DEFAULT_WINDOW, "the window is not used up")
    peer.sync()
    check(_body(peer) == DEFAULT_WINDOW, f"{_body(peer)} bytes came, {DEFAULT_WINDOW} allowed")
    peer.send(window_update(0, 1 << 20))
    peer.wait(lambda: peer.streams[peer.number].is_ended, "the body does not end")
    check(_body(peer) == 200000, f"{_body(peer)} bytes came")
    peer.respond()


@gateway_case("6.5.2", "SETTINGS_MAX_FRAME_SIZE of 32,768 may be used, 16,384 must not be passed without it", alive(),
              SUCCEEDS, method="POST", body=b"x" * 60000)
def max_frame(peer):
    peer.handshake()
    peer.receive_request()
    check(_body(peer) == 60000, f"{_body(peer)} bytes came")
    peer.respond()


@gateway_case("5.2.2", "A response of 1 MiB: the gateway gives credit as its client reads", alive(), SUCCEEDS)
def long_response(peer):
    peer.handshake()
    peer.receive_request()
    peer.send(headers(peer.number, hpack.block(OK), end=False))
    peer.send_body(b"x" * (1 << 20))
    peer.asking.wait(5)
    check(len(peer.asking.body) == 1 << 20, f"{len(peer.asking.body)} bytes came: {peer.asking.seen()}")


@gateway_case("6.9.1", "Padding of a response counts: its credit comes back", alive(), SUCCEEDS)
def padded_response(peer):
    peer.handshake()
    peer.receive_request()
    peer.send(headers(peer.number, hpack.block(OK), end=False))
    initial = peer.settings.get(INITIAL_WINDOW_SIZE, DEFAULT_WINDOW)
    one, sent = padded(b"x", 255), 0
    while sent < 3 * DEFAULT_WINDOW:
        peer.wait(lambda: min(initial + peer.credit.get(peer.number, 0), DEFAULT_WINDOW + peer.credit.get(0, 0))
                  >= sent + 40 * len(one), f"no credit behind {sent} bytes")
        peer.send(*[frame(DATA, PADDED, peer.number, one)] * 40)
        sent += 40 * len(one)
    peer.send(data(peer.number, b"", end=True))


@gateway_case("6.9.1", "DATA far beyond the windows that the gateway gave, while its client reads nothing",
              stream(FLOW_CONTROL_ERROR) | connection(FLOW_CONTROL_ERROR) | lenient(alive()), None, reads=False)
def beyond_the_window(peer):
    peer.handshake()
    peer.receive_request()
    peer.sync()
    initial = peer.settings.get(INITIAL_WINDOW_SIZE, DEFAULT_WINDOW) + peer.credit.get(peer.number, 0)
    window = min(initial, DEFAULT_WINDOW + peer.credit.get(0, 0))
    if window > 1 << 22:
        raise Skipped(f"the window is {window} bytes")
    peer.send(headers(peer.number, hpack.block(OK), end=False))
    # What the gateway's sockets hold may be credited; then nothing is.
    for _ in range(2 * window // DEFAULT_FRAME + 1024):
        peer.send(data(peer.number, b"x" * DEFAULT_FRAME))
        if peer.run(lambda: peer.is_closed or peer.goaways or peer.streams[peer.number].reset is not None, 0):
            break


@gateway_case("6.9", "DATA of a stream that the gateway has reset counts, and its credit comes back",
              done("credit comes back"), None)
def refused_data_is_credited(peer):
    peer.handshake()
    peer.receive_request()
    sent = 0
    asking = peer.asking
    while sent < 4 * DEFAULT_WINDOW:
        window = DEFAULT_WINDOW + peer.credit.get(0, 0) - sent
        check(window > DEFAULT_FRAME, f"the connection's window has shrunk to {window}")
        peer.send(headers(peer.number, hpack.block(OK + [(b"Upper", b"case")]), end=False),
                  *[data(peer.number, b"x" * 8192)] * 2)
        sent += DEFAULT_FRAME
        asking.wait(5)
        if peer.goaways or peer.is_closed:
            raise Skipped("the gateway ends the connection for a malformed response, which 5.4.1 allows")
        peer.run(lambda: DEFAULT_WINDOW + peer.credit.get(0, 0) - sent > 2 * DEFAULT_FRAME, 1)
        asking = peer.ask("/again")
        peer.receive_next()
    peer.respond()
