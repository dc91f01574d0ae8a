"""Metadata in both directions, statuses, and their messages."""
import grpc

from harness.cases import case, same
from suite.http2 import call
from suite.peer import ECHO, failure

# Control characters, a percent sign, and characters of one to four bytes.
SPECIAL = "\ta line\r\nanother, 100% of it: é ☃ 𝄞 \n"
BINARY = bytes(range(256))


@case("metadata")
def metadata_both_ways(peer):
    """Text and bytes come back as initial and as trailing metadata"""
    sent = [("echo-initial", "first, with a comma"), ("echo-initial-bin", BINARY),
            ("echo-trailing", "last"), ("echo-trailing-bin", BINARY[::-1])]
    answer, done = peer.echo.Unary.with_call(peer.ask(), metadata=sent)
    initial, trailing = dict(done.initial_metadata()), dict(done.trailing_metadata())
    same(initial.get("echo-initial"), "first, with a comma", "initial text")
    same(initial.get("echo-initial-bin"), BINARY, "initial bytes")
    same(trailing.get("echo-trailing"), "last", "trailing text")
    same(trailing.get("echo-trailing-bin"), BINARY[::-1], "trailing bytes")
    same(bytes(answer.fields["echo-initial-bin"]), BINARY, "what the server saw")


@case("metadata")
def metadata_of_streams(peer):
    """The same for a stream both ways"""
    sent = [("echo-initial", "first"), ("echo-trailing-bin", BINARY)]
    call = peer.echo.Talk(iter([peer.ask(sizes=[1, 2])]), metadata=sent)
    same(dict(call.initial_metadata()).get("echo-initial"), "first", "initial")
    same(len(list(call)), 2, "answers")
    same(dict(call.trailing_metadata()).get("echo-trailing-bin"), BINARY, "trailing")


@case("metadata")
def initial_metadata_comes_first(peer):
    """Initial metadata arrives before the server sends a message"""
    name = peer.name()
    call = peer.echo.Download(
        peer.ask(sizes=[1], paced=True), metadata=[("call-name", name), ("echo-initial", "now")], timeout=20)
    same(dict(call.initial_metadata()).get("echo-initial"), "now", "initial")
    peer.release(name)
    same(len(list(call)), 1, "answers")


@case("metadata")
def large_metadata(peer):
    """Metadata of 32 KiB passes in both directions"""
    value, more = "v" * 16_000, bytes(12_000)
    sent = [("echo-initial", value), ("echo-trailing-bin", more)]
    answer, done = peer.echo.Unary.with_call(peer.ask(), metadata=sent)
    same(len(dict(done.initial_metadata()).get("echo-initial", "")), 16_000, "initial")
    same(len(dict(done.trailing_metadata()).get("echo-trailing-bin", b"")), 12_000, "trailing")
    same(len(answer.fields["echo-initial"]), 16_000, "what the server saw")


@case("metadata")
def many_fields(peer):
    """Sixty fields of metadata reach the server"""
    sent = [(f"x-field-{number}", str(number)) for number in range(60)]
    fields = peer.echo.Unary(peer.ask(), metadata=sent).fields
    same([fields.get(name) for name, _ in sent], [value.encode() for _, value in sent], "fields")


@case("metadata")
def gzip_by_client(peer):
    """A client that compresses is understood"""
    answer = peer.echo.Unary(peer.ask(payload=bytes(100_000), sizes=[5]), compression=grpc.Compression.Gzip)
    same((answer.total, len(answer.payload)), (100_000, 5), "bytes there and back")


@case("metadata")
def content_type_with_subtype(peer):
    """`application/grpc+proto` is gRPC, too"""
    answer = call(peer, ECHO + "Empty", content_type="application/grpc+proto")
    same((answer.status, answer.ended.get("grpc-status")), ("200", "0"), repr(answer))


@case("statuses")
def every_status(peer):
    """Each of the sixteen errors arrives with its message"""
    for code in grpc.StatusCode:
        number = code.value[0]
        if number:
            error = failure(peer.echo.Unary, peer.ask(status=number, message=f"this is {code.name}"))
            same((error.code(), error.details()), (code, f"this is {code.name}"), "status")


@case("statuses")
def status_of_a_stream(peer):
    """The status of a stream comes after its messages"""
    call = peer.echo.Talk(iter([peer.ask(sizes=[1, 2], status=9, message="no more")]))
    same([len(next(call).payload) for _ in range(2)], [1, 2], "sizes")
    error = failure(list, call)
    same((error.code(), error.details()), (grpc.StatusCode.FAILED_PRECONDITION, "no more"), "status")


@case("statuses")
def special_message(peer):
    """A message with white space, percent signs and Unicode arrives as it was"""
    error = failure(peer.echo.Unary, peer.ask(status=2, message=SPECIAL))
    same((error.code(), error.details()), (grpc.StatusCode.UNKNOWN, SPECIAL), "status")


@case("statuses")
def message_with_spaces_at_its_ends(peer):
    """A message that begins or ends with a space, which HTTP/2 forbids and gRPC's libraries send, spoils nothing"""
    error = failure(peer.echo.Unary, peer.ask(status=5, message=" not here "))
    same((error.code(), error.details().strip()), (grpc.StatusCode.NOT_FOUND, "not here"), "status")


@case("statuses")
def trailing_metadata_of_an_error(peer):
    """Metadata comes with an error, as `grpc-status-details-bin` does"""
    error = failure(
        peer.echo.Unary, peer.ask(status=3, message="bad"), metadata=[("echo-trailing-bin", BINARY)])
    same(dict(error.trailing_metadata()).get("echo-trailing-bin"), BINARY, "trailing")


@case("statuses")
def unimplemented_method(peer):
    """A method that the server lacks is UNIMPLEMENTED"""
    same(failure(peer.echo.Unserved, peer.messages.Nothing()).code(), grpc.StatusCode.UNIMPLEMENTED, "status")


@case("statuses")
def unimplemented_service(peer):
    """A service that the server lacks is UNIMPLEMENTED"""
    absent = peer.services.AbsentStub(peer.channel())
    same(failure(absent.Empty, peer.messages.Nothing()).code(), grpc.StatusCode.UNIMPLEMENTED, "status")
