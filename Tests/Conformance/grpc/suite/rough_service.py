"""A service that does not behave: what becomes of it at the client."""
from harness.cases import case, same
from suite.http2 import Connection, call, framed, unframed
from suite.peer import ROUGH

UNAVAILABLE = "14"


@case("rough")
def fields_pass(peer):
    """`te`, `grpc-timeout`, encodings, content type and `-bin` reach the service as they were"""
    sent = [("grpc-timeout", "20S"), ("grpc-encoding", "identity"), ("grpc-accept-encoding", "identity,gzip"),
            ("grpc-previous-rpc-attempts", "1"), ("some-bin", "AAEC")]
    answer = call(peer, ROUGH + "Seen", sent, content_type="application/grpc+proto")
    same(answer.ended.get("grpc-status"), "0", repr(answer))
    seen = {name[5:]: value for name, value in answer.headers.items() if name.startswith("seen-")}
    for name, value in [*sent[1:], ("te", "trailers"), ("content-type", "application/grpc+proto")]:
        same(seen.get(name), value, name)
    timeout = seen.get("grpc-timeout", "")
    units = {"S": 1.0, "m": 1e-3, "u": 1e-6, "n": 1e-9}
    if not timeout or not 15 < int(timeout[:-1]) * units[timeout[-1]] <= 20:
        raise AssertionError(f"grpc-timeout is {timeout!r}, sent was 20S")


@case("rough")
def compressed_answer(peer):
    """A compressed message passes as it is"""
    answer = call(peer, ROUGH + "Zipped")
    same(answer.headers.get("grpc-encoding"), "gzip", "encoding")
    flags, payload = unframed(answer.data)[0]
    same((flags, payload[:2]), (1, b"\x1f\x8b"), "the message")
    same(answer.trailers.get("grpc-status"), "0", repr(answer))


@case("rough")
def compressed_question(peer):
    """A compressed message of the client's passes as it is"""
    connection = Connection(peer.target, peer.ca)
    stream = connection.begin(
        "/postern.conformance.v1.Echo/Unary", [("grpc-encoding", "gzip")],
        framed(peer.ask(payload=bytes(50_000), sizes=[3]).SerializeToString(), compressed=True))
    answer = connection.finish(stream)
    connection.close()
    message = peer.messages.Answer.FromString(unframed(answer.data)[0][1])
    same((message.total, len(message.payload)), (50_000, 3), "bytes there and back")


@case("rough")
def trailers_only(peer):
    """An error in trailers only stays one: headers that end the stream"""
    answer = call(peer, ROUGH + "TrailersOnly")
    same((answer.ended.get("grpc-status"), answer.ended.get("grpc-message")), ("5", "nothing%20here"), repr(answer))
    same((answer.status, answer.data), ("200", b""), repr(answer))
    if not answer.is_trailers_only:
        raise AssertionError(f"not in trailers only: {answer}")


@case("rough")
def html_of_a_service(peer):
    """An answer that is no gRPC keeps its status"""
    answer = call(peer, ROUGH + "Html")
    same(answer.status, "503", repr(answer))


@case("rough")
def missing_status(peer):
    """An answer without `grpc-status` is passed as it is; none is invented"""
    answer = call(peer, ROUGH + "NoStatus")
    same((answer.status, answer.ended.get("grpc-status")), ("200", None), repr(answer))
    same(unframed(answer.data), [(0, b"whole")], "messages")


@case("rough")
def service_ends_early(peer):
    """A call that the service ends while the client still sends is ended for the client, with its status"""
    connection = Connection(peer.target, peer.ca)
    answer = connection.finish(connection.begin(ROUGH + "EndsEarly", body=framed(b"first"), end=False))
    connection.close()
    same(unframed(answer.data), [(0, b"enough")], "messages")
    same(answer.ended.get("grpc-status"), "0", repr(answer))


@case("rough")
def reset_late(peer):
    """A stream that the service resets midway is reset for the client, after what had come"""
    answer = call(peer, ROUGH + "ResetLate")
    same(answer.ended.get("grpc-status", "0") != "0" or answer.reset is not None, True, f"it is no success: {answer}")


@case("rough")
def close_late(peer):
    """A stream whose connection the service closes midway is reset for the client"""
    answer = call(peer, ROUGH + "CloseLate")
    same(answer.ended.get("grpc-status", "0") != "0" or answer.reset is not None, True, f"it is no success: {answer}")


@case("rough")
def service_goes_away(peer):
    """After GOAWAY the calls in flight end well, and new ones are served on another connection"""
    connection = Connection(peer.target, peer.ca)
    for _ in range(5):
        held = connection.begin(ROUGH + "Hold", body=framed(b"1"), end=False)
        connection.until(lambda: connection.answers[held].data)
        for method in ["GoAway"] + ["Seen"] * 10:
            answer = connection.finish(connection.begin(ROUGH + method, body=framed(b"")))
            same((answer.status, answer.ended.get("grpc-status")), ("200", "0"), f"{method}: {answer}")
        connection.h2.send_data(held, framed(b"2"), end_stream=True)
        connection.send()
        answer = connection.finish(held)
        same(unframed(answer.data), [(0, b"begun"), (0, b"ended")], f"messages of the call in flight, {answer}")
        same(answer.ended.get("grpc-status"), "0", repr(answer))
    connection.close()


@case("rough")
def service_ignores_a_stream(peer):
    """A call that GOAWAY says was not looked at is sent again, or is UNAVAILABLE"""
    answer = call(peer, ROUGH + "IgnoredOnce", [("call-name", peer.name())], b"body")
    same(answer.ended.get("grpc-status") in ("0", UNAVAILABLE) or answer.status == "502", True, repr(answer))
