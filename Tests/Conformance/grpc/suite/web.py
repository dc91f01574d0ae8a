"""gRPC-Web: what a browser's library sends, over HTTP/1.1, and what it has to get back."""
import base64
import http.client
import json
import struct

from harness.cases import case, same
from suite.http2 import framed
from suite.peer import ECHO

BINARY, TEXT = "application/grpc-web+proto", "application/grpc-web-text"
ORIGIN = "http://page.example"


class Connection:
    """A client's connection to the route that translates."""

    def __init__(self, peer):
        host, _, port = peer.web.rpartition(":")
        self.http = http.client.HTTPConnection(host, int(port), timeout=20)

    def call(self, method, message, content_type=BINARY, fields=(), path=ECHO):
        body = framed(message.SerializeToString() if message is not None else b"")
        if "text" in content_type:
            body = base64.b64encode(body)
        self.http.request("POST", path + method, body, {
            "content-type": content_type, "accept": content_type, "x-grpc-web": "1", "origin": ORIGIN,
            **dict(fields)})
        return self.http.getresponse()


def decoded(data, content_type):
    """Bytes of a body; of text each piece of base64 may be padded by itself."""
    if "text" not in content_type:
        return data
    same(len(data) % 4, 0, "length of the base64 text, modulo 4")
    return b"".join(base64.b64decode(data[i:i + 4], validate=True) for i in range(0, len(data), 4))


def parsed(data):
    """The messages of a body, and the trailers that end it."""
    messages = []
    while data:
        flags, length = struct.unpack(">BI", data[:5])
        part, data = data[5:5 + length], data[5 + length:]
        same(len(part), length, "length of a frame")
        if flags & 0x80:
            same(data, b"", "what comes after the trailers")
            lines = part.decode().split("\r\n")
            same(lines[-1], "", "end of the trailers")
            return messages, dict(line.split(":", 1) for line in lines[:-1])
        messages.append(part)
    return messages, None


def answered(peer, method, message, content_type=BINARY, **options):
    """Answer, its messages and its status: in the trailers of the body, or, without a body, in the headers."""
    answer = Connection(peer).call(method, message, content_type, **options)
    same(answer.status, 200, "HTTP status")
    same(answer.getheader("content-type", "").split("+")[0], content_type.split("+")[0], "content-type")
    messages, trailers = parsed(decoded(answer.read(), content_type))
    if trailers is None:
        trailers = dict(answer.getheaders())
    return answer, messages, {name: value.strip() for name, value in trailers.items()}


def of_both(function):
    """Runs a case for the binary and the text form."""

    def run(peer):
        for content_type in (BINARY, TEXT, "application/grpc-web", TEXT + "+proto"):
            try:
                function(peer, content_type)
            except Exception as error:
                raise AssertionError(f"{content_type}: {type(error).__name__}: {error}") from error

    run.__name__, run.__doc__ = function.__name__, function.__doc__
    return run


@case("web")
@of_both
def web_unary(peer, content_type):
    """A unary call is answered with a message and the trailers in the body"""
    for size in (0, 1, 2, 3, 314_159):
        _, messages, trailers = answered(peer, "Unary", peer.ask(sizes=[size]), content_type)
        same([len(peer.messages.Answer.FromString(one).payload) for one in messages], [size], "sizes")
        same(trailers.get("grpc-status"), "0", "status")


@case("web")
@of_both
def web_large_question(peer, content_type):
    """A message of 271,828 bytes reaches the service"""
    _, messages, _ = answered(peer, "Unary", peer.ask(payload=bytes(271_828)), content_type)
    same(peer.messages.Answer.FromString(messages[0]).total, 271_828, "bytes")


@case("web")
@of_both
def web_server_streaming(peer, content_type):
    """A stream's messages come in order, the trailers last"""
    sizes = [31_415, 9, 0, 2_653]
    _, messages, trailers = answered(peer, "Download", peer.ask(sizes=sizes), content_type)
    same([len(peer.messages.Answer.FromString(one).payload) for one in messages], sizes, "sizes")
    same(trailers.get("grpc-status"), "0", "status")


@case("web")
@of_both
def web_stream_is_not_held_back(peer, content_type):
    """Each message arrives before the server is told to send the next one"""
    name = peer.name()
    answer = Connection(peer).call(
        "Download", peer.ask(sizes=[10] * 3, paced=True), content_type, [("call-name", name), ("echo-initial", "now")])
    text = b""
    for number in range(1, 4):
        peer.release(name)
        while True:
            whole = decoded(text[:len(text) // 4 * 4] if "text" in content_type else text, content_type)
            if count_whole(whole) >= number:
                break
            more = answer.read1(65536)
            if not more:
                raise AssertionError(f"the body ended before message {number}")
            text += more


def count_whole(data):
    count = 0
    while len(data) >= 5 and len(data) >= 5 + struct.unpack(">I", data[1:5])[0]:
        data = data[5 + struct.unpack(">I", data[1:5])[0]:]
        count += 1
    return count


@case("web")
@of_both
def web_status(peer, content_type):
    """An error comes with its status and message"""
    _, messages, trailers = answered(peer, "Unary", peer.ask(status=9, message="no, 100%"), content_type)
    same(messages, [], "messages")
    same((trailers.get("grpc-status"), trailers.get("grpc-message")), ("9", "no, 100%25"), "status")


@case("web")
@of_both
def web_metadata(peer, content_type):
    """Metadata is in the headers and in the trailers of the body, in lower case"""
    answer, _, trailers = answered(
        peer, "Unary", peer.ask(sizes=[1]), content_type,
        fields=[("echo-initial", "first"), ("echo-trailing-bin", "AAEC")])
    same(answer.getheader("echo-initial"), "first", "initial")
    same(trailers.get("echo-trailing-bin"), "AAEC", "trailing")


@case("web")
@of_both
def web_unimplemented(peer, content_type):
    """A method that the server lacks is UNIMPLEMENTED"""
    same(answered(peer, "Unserved", None, content_type)[2].get("grpc-status"), "12", "status")


@case("web")
def web_bad_base64(peer):
    """Text that is not base64 is refused, and no call gets through"""
    connection = Connection(peer)
    connection.http.request("POST", ECHO + "Empty", b"!!!!", {"content-type": TEXT, "x-grpc-web": "1"})
    answer = connection.http.getresponse()
    whole = answer.read()
    told = answer.getheader("grpc-status") or ("grpc-status" if b"grpc-status:0" in whole else "none")
    same(answer.status >= 400 or told not in ("0", "grpc-status"), True, f"refused: {answer.status}, {told}")


@case("web")
def web_preflight(peer):
    """A browser that asks first is allowed to call, and may read the status"""
    connection = Connection(peer)
    connection.http.request("OPTIONS", ECHO + "Unary", headers={
        "origin": ORIGIN, "access-control-request-method": "POST",
        "access-control-request-headers": "content-type,x-grpc-web"})
    answer = connection.http.getresponse()
    answer.read()
    same(answer.status in (200, 204), True, f"HTTP status {answer.status}")
    same(answer.getheader("access-control-allow-origin"), ORIGIN, "allowed origin")
    same("x-grpc-web" in answer.getheader("access-control-allow-headers", ""), True, "allowed fields")
    exposed = answered(peer, "Unary", peer.ask())[0].getheader("access-control-expose-headers", "")
    same("grpc-status" in exposed and "grpc-message" in exposed, True, f"exposed fields {json.dumps(exposed)}")


@case("web")
def web_route_serves_grpc(peer):
    """On the same route, calls that are no gRPC-Web pass as they are"""
    stub = peer.services.EchoStub(peer.channel(peer.web))
    same(len(stub.Unary(peer.ask(sizes=[5]), timeout=20).payload), 5, "size")
