"""Sections 5.2 and 6.9: credit in both directions."""

from .. import hpack
from ..case import Skipped, Tolerated, case
from ..expect import alive, answered, connection, done, lenient, stream
from ..frames import *
from ..target import check


def _body(peer, stream=1):
    return len(peer.streams[stream].body) if stream in peer.streams else 0


@case("5.2.1", "A window of one byte: one byte comes, and more as credit is given", answered())
def one_byte_window(peer):
    peer.announce((INITIAL_WINDOW_SIZE, 1))
    peer.get()
    for wanted in (1, 2, 3):
        peer.wait(lambda: _body(peer) >= wanted, f"byte {wanted} does not come")
        peer.sync()
        check(_body(peer) == wanted, f"{_body(peer)} bytes came, {wanted} allowed")
        peer.send(window_update(1, 1))
    peer.send(window_update(1, 1000))


@case("5.2.1", "A window of 0 holds DATA back, not HEADERS", answered())
def zero_window(peer):
    peer.announce((INITIAL_WINDOW_SIZE, 0))
    peer.get()
    peer.head()
    peer.sync()
    check(_body(peer) == 0, "DATA came without credit")
    peer.send(window_update(1, 1000))


@case("5.2.1", "The connection's window holds for all streams together", answered(id=3), needs=("early",))
def connection_window(peer):
    peer.announce((INITIAL_WINDOW_SIZE, 1 << 20))
    peer.get(1, "/big")
    peer.get(3, "/big")
    peer.wait(lambda: _body(peer, 1) + _body(peer, 3) >= DEFAULT_WINDOW, "the window is not used up")
    peer.sync()
    check(_body(peer, 1) + _body(peer, 3) == DEFAULT_WINDOW, "more DATA came than the connection's window")
    peer.send(window_update(0, 1 << 20))


@case("5.2.1", "A stream without credit does not hold up another", answered(id=3), needs=("early",))
def streams_are_apart(peer):
    peer.announce((INITIAL_WINDOW_SIZE, 0))
    peer.get(1, "/big")
    peer.head(1)
    peer.get(3)
    peer.send(window_update(3, 1000))


@case("6.9.1", "Credit that takes the connection's window over 2^31-1", connection(FLOW_CONTROL_ERROR))
def connection_window_overflow(peer):
    peer.send(window_update(0, MAX_WINDOW))


@case("6.9.1", "Credit that takes the connection's window over 2^31-1, in two steps", connection(FLOW_CONTROL_ERROR))
def connection_window_overflow_in_steps(peer):
    peer.send(window_update(0, MAX_WINDOW - DEFAULT_WINDOW), window_update(0, 1))


@case("6.9.1", "Credit that takes the connection's window to 2^31-1", alive())
def largest_connection_window(peer):
    peer.send(window_update(0, MAX_WINDOW - DEFAULT_WINDOW))


@case("6.9.1", "Credit that takes a stream's window over 2^31-1", stream(FLOW_CONTROL_ERROR))
def stream_window_overflow(peer):
    peer.post()
    peer.send(window_update(1, MAX_WINDOW))


@case("6.9.1", "Credit that takes a stream's window to 2^31-1", answered())
def largest_stream_window(peer):
    peer.post()
    peer.send(window_update(1, MAX_WINDOW - DEFAULT_WINDOW), data(1, b"body", end=True))


@case("6.9.1", "Empty DATA needs no credit: it ends a response whose window is used up", done("the response ends"))
def empty_data_needs_no_credit(peer):
    peer.get(1)
    size = len(peer.response(1).body)
    peer.announce((INITIAL_WINDOW_SIZE, size))
    peer.get(3)
    peer.wait(lambda: _body(peer, 3) == size, "the response is not whole")
    if not peer.run(lambda: peer.streams[3].is_ended, peer.target.timeout):
        raise Tolerated("the end of the response waits for credit")


@case("6.9.2", "SETTINGS_INITIAL_WINDOW_SIZE changes the windows of open streams", answered())
def initial_window_of_open_streams(peer):
    peer.announce((INITIAL_WINDOW_SIZE, 0))
    peer.get()
    peer.head()
    peer.announce((INITIAL_WINDOW_SIZE, 1))
    peer.wait(lambda: _body(peer), "the stream's window did not grow")
    peer.sync()
    check(_body(peer) == 1, f"{_body(peer)} bytes came, 1 was allowed")
    peer.announce((INITIAL_WINDOW_SIZE, 1000))


@case("6.9.2", "A window may become negative: nothing comes until credit has made it positive again", answered())
def negative_window(peer):
    peer.announce((INITIAL_WINDOW_SIZE, 3))
    peer.get()
    peer.wait(lambda: _body(peer) == 3, "three bytes do not come")
    peer.announce((INITIAL_WINDOW_SIZE, 0))
    peer.send(window_update(1, 3))
    peer.sync()
    peer.sync()
    check(_body(peer) == 3, "DATA came into a window of 0")
    peer.send(window_update(1, 1))
    peer.wait(lambda: _body(peer) == 4, "the fourth byte does not come")
    peer.send(window_update(1, 1000))


@case("6.9.2", "SETTINGS_INITIAL_WINDOW_SIZE that takes a stream's window over 2^31-1",
      connection(FLOW_CONTROL_ERROR) | lenient(stream(FLOW_CONTROL_ERROR)))
def initial_window_overflow(peer):
    peer.announce((INITIAL_WINDOW_SIZE, 100))
    peer.post()
    peer.send(window_update(1, MAX_WINDOW - 100))
    peer.sync()
    peer.send(settings((INITIAL_WINDOW_SIZE, 101)))


@case("6.9.2", "SETTINGS_INITIAL_WINDOW_SIZE does not change the connection's window", answered(), needs=("early",))
def initial_window_is_of_streams(peer):
    peer.announce((INITIAL_WINDOW_SIZE, 1 << 20))
    peer.get(1, "/big")
    peer.wait(lambda: _body(peer) >= DEFAULT_WINDOW, "the window is not used up")
    peer.sync()
    check(_body(peer) == DEFAULT_WINDOW, "the connection's window grew with the streams'")
    peer.send(window_update(0, 1 << 20))


@case("5.2.2", "A body of 512 KiB: credit comes back for the stream and for the connection", answered(), needs=("echo",))
def long_upload(peer):
    peer.post()
    peer.upload(1, b"x" * (1 << 19))
    check(b'"body": 524288' in peer.response().body, f"the service got {bytes(peer.streams[1].body)[:200]}")


@case("5.2.2", "Bodies of 64 KiB on eight streams, one after the other", answered(id=15), needs=("echo",))
def many_uploads(peer):
    sent = 0
    for number in range(1, 17, 2):
        peer.post(number)
        for _ in range(4):
            peer.wait(lambda: DEFAULT_WINDOW + peer.credit.get(0, 0) - sent >= DEFAULT_FRAME, "no credit")
            initial = peer.settings.get(INITIAL_WINDOW_SIZE, DEFAULT_WINDOW)
            check(initial >= DEFAULT_WINDOW, "the window is small")
            peer.send(data(number, b"x" * (DEFAULT_FRAME - 1)))
            sent += DEFAULT_FRAME - 1
        peer.send(data(number, b"", end=True))
        peer.response(number)


@case("6.9.1", "Padding counts as DATA does: its credit comes back", answered(), needs=("echo",))
def padding_is_credited(peer):
    peer.post()
    initial = peer.settings.get(INITIAL_WINDOW_SIZE, DEFAULT_WINDOW)
    sent, one = 0, padded(b"x", 255)
    while sent < 3 * DEFAULT_WINDOW:
        peer.wait(lambda: min(initial + peer.credit.get(1, 0), DEFAULT_WINDOW + peer.credit.get(0, 0))
                  >= sent + 40 * len(one), f"no credit behind {sent} bytes")
        peer.send(*[frame(DATA, PADDED, 1, one)] * 40)
        sent += 40 * len(one)
    peer.send(data(1, b"", end=True))


@case("6.9", "DATA of streams that the peer has reset counts, and its credit comes back", alive())
def refused_data_is_credited(peer):
    sent, number = 0, 1
    while sent < 4 * DEFAULT_WINDOW:
        if peer.is_closed or peer.goaways:
            raise Skipped("the peer ends the connection for malformed requests, which 5.4.1 allows")
        peer.wait(lambda: DEFAULT_WINDOW + peer.credit.get(0, 0) - sent >= DEFAULT_FRAME or peer.is_closed,
                  f"no credit behind {sent} bytes")
        block = peer.block("/echo", "POST") + hpack.literal(b"Upper", b"case")
        peer.send(headers(number, block, end=False), data(number, b"x" * DEFAULT_FRAME))
        peer.run(lambda: number in peer.streams or peer.is_closed, peer.target.timeout)
        if number in peer.streams and peer.streams[number].reset is None:
            peer.send(rst_stream(number))
        sent += DEFAULT_FRAME
        number += 2


@case("6.9.1", "DATA beyond the window that the peer gave",
      stream(FLOW_CONTROL_ERROR) | connection(FLOW_CONTROL_ERROR) | lenient(alive()), needs=("hold",))
def beyond_the_window(peer):
    initial = peer.settings.get(INITIAL_WINDOW_SIZE, DEFAULT_WINDOW)
    if initial > 1 << 22:
        raise Skipped(f"the window is {initial} bytes")
    peer.post(1, "/hold")
    sent = 0

    def allowed():
        return min(initial + peer.credit.get(1, 0), DEFAULT_WINDOW + peer.credit.get(0, 0)) - sent

    # The peer may give credit as it buffers, until it buffers no more.
    while peer.run(lambda: allowed() > 0, 0.2):
        if sent > 1 << 23:
            raise Skipped(f"the peer has taken {sent} bytes that nobody reads")
        size = min(allowed(), DEFAULT_FRAME)
        peer.send(data(1, b"x" * size))
        sent += size
    peer.send(*[data(1, b"x" * DEFAULT_FRAME)] * 8)
