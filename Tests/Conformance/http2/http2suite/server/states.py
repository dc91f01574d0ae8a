"""Sections 5.1, 5.3 and 5.4: streams that are idle, half-closed or closed, their identifiers and their number."""

from .. import hpack
from ..case import Failed, Skipped, Tolerated, case
from ..expect import alive, answered, connection, done, lenient, stream
from ..frames import *
from ..target import check


@case("5.1", "DATA on an idle stream", connection(PROTOCOL_ERROR))
def data_on_idle(peer):
    peer.send(data(1, b"x", end=True))


@case("5.1", "RST_STREAM on an idle stream", connection(PROTOCOL_ERROR))
def reset_on_idle(peer):
    peer.send(rst_stream(1))


@case("5.1", "WINDOW_UPDATE on an idle stream", connection(PROTOCOL_ERROR))
def credit_on_idle(peer):
    peer.send(window_update(1, 100))


@case("5.1", "CONTINUATION on an idle stream", connection(PROTOCOL_ERROR))
def continuation_on_idle(peer):
    peer.send(continuation(1, peer.block("/")))


@case("5.1", "PRIORITY on an idle stream", alive())
def priority_on_idle(peer):
    peer.send(priority(1))


@case("5.1", "RST_STREAM on an idle stream beyond one that is in use", connection(PROTOCOL_ERROR))
def reset_on_later_idle(peer):
    peer.post(1)
    peer.send(rst_stream(3))


@case("5.1", "DATA on a stream with an even number, which only a server could open", connection(PROTOCOL_ERROR))
def data_on_even(peer):
    peer.send(data(2, b"x", end=True))


def _half_closed(peer):
    """A request that is whole, and whose response waits for credit."""
    peer.announce((INITIAL_WINDOW_SIZE, 0))
    peer.get(1)
    peer.head(1)
    check(not peer.streams[1].is_ended, "the response has no body")


_HALF_CLOSED = "half-closed by the client, while its response waits"


@case("5.1", f"DATA on a stream that is {_HALF_CLOSED}", stream(STREAM_CLOSED) | connection(STREAM_CLOSED))
def data_on_half_closed(peer):
    _half_closed(peer)
    peer.send(data(1, b"more", end=True))


@case("5.1", f"HEADERS on a stream that is {_HALF_CLOSED}", stream(STREAM_CLOSED) | connection(STREAM_CLOSED))
def headers_on_half_closed(peer):
    _half_closed(peer)
    peer.get(1)


@case("5.1", f"CONTINUATION on a stream that is {_HALF_CLOSED}",
      stream(STREAM_CLOSED) | connection(STREAM_CLOSED, PROTOCOL_ERROR))
def continuation_on_half_closed(peer):
    _half_closed(peer)
    peer.send(continuation(1, peer.block("/")))


@case("5.1", f"WINDOW_UPDATE on a stream that is {_HALF_CLOSED}: it goes on", answered())
def credit_on_half_closed(peer):
    _half_closed(peer)
    peer.send(window_update(1, 1000))


@case("5.1", f"PRIORITY on a stream that is {_HALF_CLOSED}: nothing happens", answered())
def priority_on_half_closed(peer):
    _half_closed(peer)
    peer.send(priority(1, 3), window_update(1, 1000))


@case("5.1", f"RST_STREAM on a stream that is {_HALF_CLOSED}: nothing more comes on it", alive())
def reset_on_half_closed(peer):
    _half_closed(peer)
    peer.send(rst_stream(1), window_update(1, 1000))
    peer.sync()
    check(not peer.streams[1].body and not peer.streams[1].is_ended, "the response went on")


def _reset(peer):
    """A stream that the client opened, and closed with RST_STREAM."""
    peer.post(1)
    peer.send(rst_stream(1))
    peer.sync()


def _closed(peer):
    """A stream that both have ended."""
    peer.get(1)
    peer.response(1)
    peer.sync()


_DATA_CLOSED = stream(STREAM_CLOSED) | connection(STREAM_CLOSED) | lenient(connection(PROTOCOL_ERROR)) \
    | lenient(alive())


@case("5.1", "DATA behind the client's own RST_STREAM", _DATA_CLOSED)
def data_behind_reset(peer):
    _reset(peer)
    peer.send(data(1, b"more", end=True))


@case("5.1", "HEADERS behind the client's own RST_STREAM",
      stream(STREAM_CLOSED) | connection(STREAM_CLOSED) | lenient(connection(PROTOCOL_ERROR)) | lenient(alive()))
def headers_behind_reset(peer):
    _reset(peer)
    peer.get(1)


@case("5.1", "CONTINUATION behind the client's own RST_STREAM",
      stream(STREAM_CLOSED) | connection(STREAM_CLOSED, PROTOCOL_ERROR))
def continuation_behind_reset(peer):
    _reset(peer)
    peer.send(continuation(1, peer.block("/")))


@case("5.1", "WINDOW_UPDATE, RST_STREAM and PRIORITY behind the client's own RST_STREAM", alive() | lenient(
    connection(STREAM_CLOSED)))
def late_frames_behind_reset(peer):
    _reset(peer)
    peer.send(window_update(1, 10), priority(1), rst_stream(1))


@case("5.1", "DATA on a stream that both have ended", _DATA_CLOSED)
def data_on_closed(peer):
    _closed(peer)
    peer.send(data(1, b"more", end=True))


@case("5.1", "HEADERS on a stream that both have ended",
      connection(STREAM_CLOSED, PROTOCOL_ERROR) | stream(STREAM_CLOSED) | lenient(alive()))
def headers_on_closed(peer):
    _closed(peer)
    peer.get(1)


@case("5.1", "CONTINUATION on a stream that both have ended", connection(STREAM_CLOSED, PROTOCOL_ERROR))
def continuation_on_closed(peer):
    _closed(peer)
    peer.send(continuation(1, peer.block("/")))


@case("5.1", "WINDOW_UPDATE on a stream that both have ended", alive())
def credit_on_closed(peer):
    _closed(peer)
    peer.send(window_update(1, 10))


@case("5.1", "RST_STREAM on a stream that both have ended", alive())
def reset_on_closed(peer):
    _closed(peer)
    peer.send(rst_stream(1))


@case("5.1", "PRIORITY on a stream that both have ended", alive())
def priority_on_closed(peer):
    _closed(peer)
    peer.send(priority(1))


@case("5.1", "DATA behind END_STREAM of a request whose service has not answered",
      stream(STREAM_CLOSED) | connection(STREAM_CLOSED), needs=("echo",))
def data_behind_end(peer):
    peer.get(1, "/wait")
    peer.sync()
    peer.send(data(1, b"more", end=True))


@case("5.1.1", "HEADERS on a stream with an even number", connection(PROTOCOL_ERROR))
def even_stream(peer):
    peer.get(2)


@case("5.1.1", "HEADERS on a stream with a lower number than one before",
      connection(PROTOCOL_ERROR) | connection(STREAM_CLOSED))
def lower_stream(peer):
    peer.get(5)
    peer.response(5)
    peer.get(3)


@case("5.1.1", "HEADERS on a stream with a lower number, while one above is open",
      connection(PROTOCOL_ERROR) | connection(STREAM_CLOSED))
def lower_stream_while_open(peer):
    peer.post(5)
    peer.sync()
    peer.get(3)


@case("5.1.1", "Numbers may be left out: streams 1, 7 and 101", answered(id=101))
def skipped_streams(peer):
    for number in (1, 7, 101):
        peer.get(number)
    for number in (1, 7, 101):
        check(peer.response(number).status == 200, f"stream {number} was not answered")


@case("5.1.1", "The last stream there can be", answered(id=MAX_WINDOW))
def last_stream(peer):
    peer.get(MAX_WINDOW)


@case("5.1.1", "A request on stream 0", connection(PROTOCOL_ERROR))
def stream_zero(peer):
    peer.send(headers(0, peer.block("/")))


@case("5.1.2", "One stream more than SETTINGS_MAX_CONCURRENT_STREAMS allows",
      done("stream error PROTOCOL_ERROR or REFUSED_STREAM"))
def too_many_streams(peer):
    most = peer.need_setting(MAX_CONCURRENT_STREAMS, None)
    if most > 2000:
        raise Skipped(f"{most} streams are too many to open")
    block = peer.block("/echo", "POST")
    last = 2 * most + 1
    peer.send(*[headers(number, block, end=False) for number in range(1, last + 1, 2)])
    peer.run(lambda: last in peer.streams and peer.streams[last].reset is not None or peer.goaways,
             peer.target.timeout)
    if peer.is_closed and not peer.goaways:
        raise Tolerated("the peer closes the connection")
    check(peer.goaways or last in peer.streams and peer.streams[last].reset is not None,
          f"all of {most + 1} streams were taken")
    code = peer.goaways[-1][1] if peer.goaways else peer.streams[last].reset
    check(code in (PROTOCOL_ERROR, REFUSED_STREAM), f"refused with {error_name(code)}")


@case("5.1.2", "As many streams as SETTINGS_MAX_CONCURRENT_STREAMS allows", answered())
def as_many_streams(peer):
    most = min(peer.settings.get(MAX_CONCURRENT_STREAMS, 100), 500)
    block = peer.block("/")
    peer.send(*[headers(number, block, end=False) for number in range(1, 2 * most, 2)])
    peer.send(*[data(number, b"", end=True) for number in range(1, 2 * most, 2)])
    for number in range(1, 2 * most, 2):
        check(peer.response(number).status in (200, 405), f"stream {number} of {most} was refused")


@case("5.1.2", "Streams that are over do not count: five times as many, one after the other", answered())
def streams_in_a_row(peer):
    most = min(peer.settings.get(MAX_CONCURRENT_STREAMS, 100), 100)
    for number in range(1, 10 * most, 2):
        peer.get(number)
        check(peer.response(number).status == 200, f"stream {number} was refused")


@case("5.3", "PRIORITY with a dependency, exclusive, on a stream that does not exist", alive())
def exclusive_priority(peer):
    peer.send(frame(PRIORITY, 0, 7, priority_fields(11, 255, exclusive=True)))


@case("5.3", "HEADERS with a dependency and a weight", answered())
def headers_with_priority(peer):
    peer.send(headers(1, priority_fields(0, 255, True) + peer.block("/"), flags=END_HEADERS | PRIORITISED))


# RFC 7540 made these errors, and RFC 9113 does not define them: both are harmless.
_ITSELF = stream(PROTOCOL_ERROR) | connection(PROTOCOL_ERROR)


@case("5.3", "HEADERS of a stream that depends on itself (an error in RFC 7540)",
      _ITSELF | lenient(answered()))
def headers_on_itself(peer):
    peer.send(headers(1, priority_fields(1) + peer.block("/"), flags=END_HEADERS | PRIORITISED))


@case("5.3", "PRIORITY of a stream that depends on itself (an error in RFC 7540)", _ITSELF | lenient(alive()))
def priority_on_itself(peer):
    peer.post(1)
    peer.send(priority(1, 1))


@case("5.4.1", "After a connection error the peer closes, and GOAWAY names no stream that was never opened",
      connection(PROTOCOL_ERROR))
def last_stream_of_error(peer):
    peer.get(1)
    peer.response(1)
    peer.send(ping(stream=1))
    peer.run(lambda: False, peer.target.timeout)
    if peer.goaways:
        check(peer.goaways[-1][0] in (0, 1), f"GOAWAY names stream {peer.goaways[-1][0]}")


@case("5.4.1", "A connection error ends streams that are under way", connection(PROTOCOL_ERROR))
def error_ends_streams(peer):
    peer.post(1)
    peer.post(3)
    peer.send(ping(stream=1))


@case("5.4.2", "RST_STREAM is not answered with RST_STREAM", alive())
def reset_is_not_returned(peer):
    peer.post(1)
    peer.sync()
    peer.send(rst_stream(1))
    peer.sync()
    found = peer.streams.get(1)
    check(found is None or found.reset is None, "RST_STREAM came back")


@case("5.4.2", "A stream error leaves other streams alone", answered(id=1))
def other_streams_live(peer):
    peer.post(1)
    peer.send(headers(3, peer.block("/") + hpack.literal(b"Upper", b"case")))
    peer.run(lambda: peer.is_closed or 3 in peer.streams and (
        peer.streams[3].reset is not None or peer.streams[3].is_ended), peer.target.timeout)
    if peer.is_closed:
        raise Skipped("the peer ends the connection for a malformed request, which 5.4.1 allows")
    if 3 not in peer.streams:
        raise Failed("the malformed request was neither refused nor answered")
    peer.send(data(1, b"body", end=True))


@case("5.1", "Trailers behind which more DATA comes", stream(STREAM_CLOSED) | connection(STREAM_CLOSED),
      needs=("echo",))
def data_behind_trailers(peer):
    peer.post(1, "/wait")
    peer.send(data(1, b"body"), headers(1, hpack.block([("x-sum", "4")])))
    peer.sync()
    peer.send(data(1, b"more", end=True))
