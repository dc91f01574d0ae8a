"""Answers of the gateway itself: a gRPC client gets a gRPC status in trailers only, whatever it was before."""
from urllib.parse import unquote

from h2.errors import ErrorCodes
from harness.cases import case, same
from suite.http2 import Connection, call, framed
from suite.peer import ROUGH

# What gRPC makes of an HTTP status.
STATUSES = {400: 13, 401: 16, 403: 7, 404: 12, 405: 2, 413: 2, 429: 14, 500: 2, 502: 14, 503: 14, 504: 14}
# What the routes of these statuses answer (suite/gateways.py).
BODY = "not 100% allowed: é\n"


def assert_refused(answer, status):
    same(answer.ended.get("grpc-status"), str(status), repr(answer))
    same(answer.status, "200", repr(answer))
    same(answer.headers.get("content-type", "").split("+")[0], "application/grpc", "content-type")
    same(answer.data, b"", "body")
    if not answer.is_trailers_only:
        raise AssertionError(f"not in trailers only: {answer}")


@case("refusals")
def refused_by_route(peer):
    """A route's direct response of each status becomes gRPC's, and its body the message"""
    for status, code in STATUSES.items():
        answer = call(peer, f"/refused.v1.Status{status}/Call")
        assert_refused(answer, code)
        message = answer.headers.get("grpc-message", "")
        same(unquote(message).strip(), BODY.strip(), f"message of {status}, {message!r}")
        if not all(" " <= one <= "~" for one in message):
            raise AssertionError(f"a message that is not encoded: {message!r}")


@case("refusals")
def no_route(peer):
    """A path without a route is UNIMPLEMENTED"""
    assert_refused(call(peer, "/nowhere.v1.Any/Call"), 12)


@case("refusals")
def dead_service(peer):
    """A service that cannot be reached is UNAVAILABLE"""
    assert_refused(call(peer, "/dead.v1.Any/Call"), 14)


@case("refusals")
def reset_early(peer):
    """A stream that the service resets before its answer is UNAVAILABLE"""
    assert_refused(call(peer, ROUGH + "ResetEarly"), 14)


@case("refusals")
def refusal_while_sending(peer):
    """A client that still sends gets the refusal at once"""
    connection = Connection(peer.target, peer.ca)
    answer = connection.finish(connection.begin("/refused.v1.Status403/Call", body=framed(b"1"), end=False))
    connection.close()
    assert_refused(answer, 7)


@case("refusals")
def plain_clients_get_plain_answers(peer):
    """A request that is no gRPC gets the HTTP status and the body"""
    answer = call(peer, "/refused.v1.Status403/Call", content_type="application/json")
    same((answer.status, answer.data.decode()), ("403", BODY), repr(answer))
    same(answer.ended.get("grpc-status"), None, repr(answer))


@case("deadlines")
def gateway_keeps_the_deadline(peer):
    """When neither client nor service watch the time, the gateway ends the call: DEADLINE_EXCEEDED"""
    for timeout in ("300m", "300000u", "1S"):
        answer = call(peer, ROUGH + "Silent", [("grpc-timeout", timeout)])
        assert_refused(answer, 4)


@case("deadlines")
def late_answer_is_cancelled(peer):
    """An answer that has begun is reset with CANCEL, which clients take for DEADLINE_EXCEEDED when time is up"""
    answer = call(peer, ROUGH + "Hold", [("grpc-timeout", "300m")], end=False)
    same((answer.status, answer.reset), ("200", ErrorCodes.CANCEL), repr(answer))


@case("deadlines")
def shorter_time_of_the_rule(peer):
    """The route's own timeout ends a call whose deadline is longer"""
    answer = call(peer, "/slow.v1.Rough/Silent", [("grpc-timeout", "1H")])
    same(answer.ended.get("grpc-status") in ("4", "14"), True, repr(answer))


@case("retries")
def refused_stream_is_sent_again(peer):
    """A stream that the service refuses is sent again where the route says so"""
    answer = call(peer, "/again.v1.Rough/RefusedOnce", [("call-name", peer.name())], b"body")
    same((answer.status, answer.ended.get("grpc-status")), ("200", "0"), repr(answer))


@case("retries")
def unavailable_is_sent_again(peer):
    """A call that ends with UNAVAILABLE is sent again where the route says so"""
    answer = call(peer, "/again.v1.Rough/UnavailableOnce", [("call-name", peer.name())], b"body")
    same((answer.status, answer.ended.get("grpc-status")), ("200", "0"), repr(answer))


@case("retries")
def unavailable_is_passed_without_a_rule(peer):
    """Without a route that says so the client gets the status itself"""
    answer = call(peer, ROUGH + "UnavailableOnce", [("call-name", peer.name())], b"body")
    same((answer.ended.get("grpc-status"), answer.ended.get("grpc-message")), ("14", "not yet"), repr(answer))
