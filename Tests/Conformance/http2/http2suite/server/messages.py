"""Section 8.1: requests and responses as sequences of frames, and their lengths."""

import secrets

from .. import hpack
from ..case import Skipped, case
from ..expect import alive, answered, done, lenient, malformed, refused
from ..frames import *
from ..target import check

_TRAILERS = hpack.block([("x-sum", "4")])


@case("8.1", "A request with DATA and trailers", answered())
def trailers(peer):
    peer.post()
    peer.send(data(1, b"body"), headers(1, _TRAILERS))


@case("8.1", "A request with trailers and no DATA", answered())
def trailers_without_data(peer):
    peer.post()
    peer.send(headers(1, _TRAILERS))


@case("8.1", "A second HEADERS without END_STREAM, then DATA", malformed())
def second_headers(peer):
    peer.post()
    peer.send(headers(1, _TRAILERS, end=False), data(1, b"body", end=True))


@case("8.1", "Trailers without END_STREAM", malformed())
def trailers_without_end(peer):
    peer.post()
    peer.send(data(1, b"body"), headers(1, _TRAILERS, end=False))


@case("8.1", "Trailers with a pseudo-header field", malformed())
def pseudo_in_trailers(peer):
    peer.post()
    peer.send(data(1, b"body"), headers(1, hpack.block([(":method", "GET"), ("x-sum", "4")])))


@case("8.1", "Trailers with a capital in a name", malformed())
def capitals_in_trailers(peer):
    peer.post()
    peer.send(data(1, b"body"), headers(1, hpack.block([("X-Sum", "4")])))


@case("8.1", "Trailers with a field of the connection", malformed())
def connection_in_trailers(peer):
    peer.post()
    peer.send(data(1, b"body"), headers(1, hpack.block([("connection", "close")])))


@case("8.1", "Empty trailers", answered() | lenient(malformed()))
def empty_trailers(peer):
    peer.post()
    peer.send(data(1, b"body"), headers(1, b""))


@case("8.1", "Requests on two streams whose frames alternate", answered(id=3))
def interleaved(peer):
    peer.post(1)
    peer.post(3)
    for _ in range(5):
        peer.send(data(1, b"one"), data(3, b"three"))
    peer.send(data(1, b"", end=True), data(3, b"", end=True))
    check(peer.response(1).status in (200, 405), "the first is not answered")


@case("8.1", "HEAD: a response without DATA that ends", done("HEADERS with END_STREAM, or empty DATA"))
def head(peer):
    peer.send(headers(1, peer.block("/", "HEAD")))
    response = peer.response()
    check(response.status == 200 and not response.body, f"got {peer.seen()} and {len(response.body)} bytes")


@case("8.1", "A response that comes before the request is over is whole; RST_STREAM behind it says NO_ERROR",
      alive(), needs=("early",))
def early_response(peer):
    peer.post(1, "/early")
    peer.send(data(1, b"x" * 1000))
    response = peer.response()
    check(response.is_ended and response.status == 200, f"the response is cut: {peer.seen()}")
    peer.sync()
    check(response.reset in (None, NO_ERROR, CANCEL), f"reset with {error_name(response.reset or 0)}")
    peer.send(rst_stream(1, CANCEL))


@case("8.1", "103, then the final response", answered(), needs=("hints",))
def interim_response(peer):
    peer.get(1, "/hints")
    peer.response()


@case("8.1", "Responses 204 and 304 have no DATA", answered(304, id=3), needs=("status",))
def responses_without_body(peer):
    peer.get(1, "/status/204")
    response = peer.response()
    check(response.status == 204 and not response.body, f"got {peer.seen()}")
    peer.get(3, "/status/304")
    check(not peer.response(3).body, "304 has a body")


@case("8.1", "A response with trailers", answered(), needs=("trailers",))
def response_trailers(peer):
    peer.get(1, "/trailers", ("te", "trailers"))
    response = peer.response()
    check(bytes(response.body) == b"hello", f"the body is {bytes(response.body)}")


@case("8.1.1", "A content-length that is more than the DATA", malformed())
def content_length_too_large(peer):
    peer.post(1, "/echo", ("content-length", "5"))
    peer.send(data(1, b"body", end=True))


@case("8.1.1", "A content-length that is less than the DATA", malformed())
def content_length_too_small(peer):
    peer.post(1, "/echo", ("content-length", "3"))
    peer.send(data(1, b"body", end=True))


@case("8.1.1", "A content-length that is less than several DATA frames together", malformed())
def content_length_of_several(peer):
    peer.post(1, "/echo", ("content-length", "7"))
    peer.send(data(1, b"body"), data(1, b"body", end=True))


@case("8.1.1", "A content-length that is more than the DATA before trailers", malformed())
def content_length_before_trailers(peer):
    peer.post(1, "/echo", ("content-length", "9"))
    peer.send(data(1, b"body"), headers(1, _TRAILERS))


@case("8.1.1", "A content-length in HEADERS that end the request", malformed())
def content_length_without_data(peer):
    peer.send(headers(1, peer.block("/echo", "POST", ("content-length", "4"))))


@case("8.1.1", "A content-length of 0, and DATA", malformed())
def content_length_of_zero(peer):
    peer.post(1, "/echo", ("content-length", "0"))
    peer.send(data(1, b"body", end=True))


@case("8.1.1", "A content-length that is no number", malformed())
def content_length_of_letters(peer):
    peer.post(1, "/echo", ("content-length", "four"))
    peer.send(data(1, b"body", end=True))


@case("8.1.1", "A content-length with a sign", malformed())
def content_length_with_sign(peer):
    peer.post(1, "/echo", ("content-length", "+4"))
    peer.send(data(1, b"body", end=True))


@case("8.1.1", "A content-length that no integer can hold", malformed() | lenient(refused()))
def content_length_beyond_integers(peer):
    peer.post(1, "/echo", ("content-length", "18446744073709551620"))
    peer.send(data(1, b"body", end=True))


@case("8.1.1", "Two content-lengths that differ", malformed())
def content_length_twice(peer):
    peer.post(1, "/echo", ("content-length", "4"), ("content-length", "5"))
    peer.send(data(1, b"body", end=True))


@case("8.1.1", "An exact content-length, with padded DATA", answered())
def content_length_exact(peer):
    peer.post(1, "/echo", ("content-length", "8"))
    peer.send(frame(DATA, PADDED, 1, padded(b"body", 30)), data(1, b""), data(1, b"body", end=True))


@case("8.1.1", "A malformed request does not reach the service", done("the service sees nothing"), needs=("seen",))
def malformed_is_not_forwarded(peer):
    key = f"?malformed-{secrets.token_hex(8)}"
    peer.send(headers(1, peer.block("/" + key) + hpack.literal(b"Upper", b"case")))
    peer.run(lambda: peer.is_closed or 1 in peer.streams, peer.target.timeout)
    other = type(peer)(peer.target)
    try:
        other.handshake()
        other.get(1, "/seen/" + key[1:])
        seen = bytes(other.response().body)
    finally:
        other.close()
    check(seen == b"0", f"the service saw it {seen} times")


@case("8.1", "RST_STREAM CANCEL in the middle of a request, and again as a new stream", answered(id=3))
def cancel(peer):
    peer.post(1)
    peer.send(data(1, b"part"), rst_stream(1, CANCEL))
    peer.post(3)
    peer.send(data(3, b"body", end=True))


@case("8.7", "PING and requests behind a refused one: the connection is as before", alive())
def refused_and_on(peer):
    peer.send(headers(1, peer.block("/") + hpack.literal(b"connection", b"close")))
    peer.run(lambda: peer.is_closed or 1 in peer.streams, peer.target.timeout)
    if peer.is_closed or peer.goaways:
        raise Skipped("the peer ends the connection for a malformed request, which 5.4.1 allows")
