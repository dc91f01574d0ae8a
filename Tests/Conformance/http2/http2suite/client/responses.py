"""Section 8 for services: responses that are malformed, and shapes that a gateway must take."""

from .. import hpack
from ..case import FAILS, SUCCEEDS
from ..expect import alive, done, lenient, stream
from ..frames import *
from ..service import OK
from ..target import check
from .declare import answers, gateway_case

_MALFORMED = stream(PROTOCOL_ERROR)


def _fields(section, name, what, *fields, request=FAILS, expected=None):
    """A response with these fields and a body."""
    answers(section, name, what, expected or _MALFORMED, lambda peer: [
        headers(peer.number, hpack.block(fields), end=False), data(peer.number, b"hello", end=True)], request)


_fields("8.3.2", "no-status", "No `:status`", (b"x-served", b"yes"))
_fields("8.3.2", "no-fields", "No fields at all")
_fields("8.3.2", "status-twice", "`:status` twice", (b":status", b"200"), (b":status", b"200"))
_fields("8.3.2", "status-of-letters", "A `:status` of letters", (b":status", b"abc"))
_fields("8.3.2", "status-short", "A `:status` of two digits", (b":status", b"20"))
_fields("8.3.2", "status-long", "A `:status` of four digits", (b":status", b"2000"))
_fields("8.3.2", "status-empty", "An empty `:status`", (b":status", b""))
_fields("8.3", "pseudo-behind-field", "`:status` behind a field", (b"x-served", b"yes"), (b":status", b"200"))
_fields("8.3", "request-pseudo", "`:path` in a response", (b":status", b"200"), (b":path", b"/"))
_fields("8.3", "unknown-pseudo", "A pseudo-header field that nobody knows", (b":status", b"200"), (b":test", b"1"))
_fields("8.6", "status-101", "Status 101, which HTTP/2 does not have", (b":status", b"101"))
for _name, _what, _octets in (
        ("capital-in-name", "A name with a capital", b"X-Upper"), ("space-in-name", "A name with a space", b"x name"),
        ("newline-in-name", "A name with a line feed", b"x-na\nme"), ("nul-in-name", "A name with NUL", b"x-na\0me"),
        ("colon-in-name", "A name with a colon in its middle", b"x:name"), ("empty-name", "An empty name", b""),
        ("high-octet-in-name", "A name with an octet above 0x7f", b"x-n\xe4me")):
    _fields("8.2.1", _name, _what, *OK, (_octets, b"value"))
for _name, _what, _octets in (
        ("newline-in-value", "A value with a line feed", b"a\nb"),
        ("return-in-value", "A value with a carriage return", b"a\rb"), ("nul-in-value", "A value with NUL", b"a\0b"),
        ("smuggled-line", "A value with a line of HTTP/1.1 in it", b"a\r\nset-cookie: x=1"),
        ("space-before-value", "A value that begins with a space", b" a"),
        ("space-behind-value", "A value that ends with a space", b"a ")):
    _fields("8.2.1", _name, _what, *OK, (b"x-name", _octets))
for _field, _value in ((b"connection", b"close"), (b"keep-alive", b"timeout=5"), (b"proxy-connection", b"close"),
                       (b"transfer-encoding", b"chunked"), (b"upgrade", b"h2c")):
    _fields("8.2.2", _field.decode(), f"The field `{_field.decode()}: {_value.decode()}`", *OK, (_field, _value))

for _name, _what, _length in (("too-large", "more than the DATA", b"9"), ("too-small", "less than the DATA", b"3"),
                              ("of-letters", "no number", b"five")):
    _fields("8.1.1", f"content-length-{_name}", f"A content-length that is {_what}", *OK, (b"content-length", _length))
_fields("8.1.1", "content-length-twice", "Two content-lengths that differ", *OK, (b"content-length", b"5"),
        (b"content-length", b"6"))
_fields("8.1.1", "content-length-exact", "A content-length that is right", *OK, (b"content-length", b"5"),
        request=SUCCEEDS, expected=alive())
answers("8.1.1", "content-length-without-data", "A content-length in HEADERS that end the response", _MALFORMED,
        lambda peer: [headers(peer.number, hpack.block(OK + [(b"content-length", b"5")]))])

# Shapes
answers("8.1", "interim-with-end", "103 with END_STREAM", _MALFORMED,
        lambda peer: [headers(peer.number, hpack.block([(b":status", b"103")]))])
answers("8.1", "interim-alone", "103 and then DATA", stream(PROTOCOL_ERROR),
        lambda peer: [headers(peer.number, hpack.block([(b":status", b"103")]), end=False),
                      data(peer.number, b"x", end=True)])
answers("8.1", "interim", "100 and 103, then the response", alive(),
        lambda peer: [headers(peer.number, hpack.block([(b":status", b"100")]), end=False),
                      headers(peer.number, hpack.block([(b":status", b"103"), (b"link", b"</a.css>")]), end=False),
                      headers(peer.number, hpack.block(OK))], SUCCEEDS)
answers("8.1", "second-headers", "A second HEADERS without END_STREAM", _MALFORMED,
        lambda peer: [headers(peer.number, hpack.block(OK), end=False), headers(peer.number, hpack.block(OK), end=False),
                      data(peer.number, b"x", end=True)])
answers("8.1", "trailers-without-end", "Trailers without END_STREAM", _MALFORMED,
        lambda peer: [headers(peer.number, hpack.block(OK), end=False), data(peer.number, b"hello"),
                      headers(peer.number, hpack.block([(b"x-sum", b"5")]), end=False)])
answers("8.1", "pseudo-in-trailers", "Trailers with `:status`", _MALFORMED,
        lambda peer: [headers(peer.number, hpack.block(OK), end=False), data(peer.number, b"hello"),
                      headers(peer.number, hpack.block([(b":status", b"200")]))])
answers("8.1", "capital-in-trailers", "Trailers with a capital in a name", _MALFORMED,
        lambda peer: [headers(peer.number, hpack.block(OK), end=False), data(peer.number, b"hello"),
                      headers(peer.number, hpack.block([(b"X-Sum", b"5")]))])
answers("8.1", "trailers", "A response with trailers", alive(),
        lambda peer: [headers(peer.number, hpack.block(OK), end=False), data(peer.number, b"hello"),
                      headers(peer.number, hpack.block([(b"x-sum", b"5")]))], SUCCEEDS)
answers("8.1", "empty-body", "HEADERS, and empty DATA that ends the response", alive(),
        lambda peer: [headers(peer.number, hpack.block(OK), end=False), data(peer.number, b"", end=True)], SUCCEEDS)
answers("8.1", "data-behind-head", "DATA in the response to HEAD",
        _MALFORMED | stream(STREAM_CLOSED) | lenient(alive()),
        lambda peer: [headers(peer.number, hpack.block(OK), end=False), data(peer.number, b"hello", end=True)], None,
        method="HEAD")
answers("8.1", "head-with-length", "A content-length in the response to HEAD", alive(),
        lambda peer: [headers(peer.number, hpack.block(OK + [(b"content-length", b"5")]))], SUCCEEDS, method="HEAD")
answers("8.1", "status-204", "Status 204 with END_STREAM", alive(),
        lambda peer: [headers(peer.number, hpack.block([(b":status", b"204")]))], SUCCEEDS)
answers("8.1", "status-304-with-length", "Status 304 with a content-length", alive(),
        lambda peer: [headers(peer.number, hpack.block([(b":status", b"304"), (b"content-length", b"5")]))], SUCCEEDS)


@gateway_case("8.1", "A whole response, and RST_STREAM NO_ERROR for the rest of the request: the response is delivered",
              alive(), SUCCEEDS, method="POST", body=b"x" * 100000)
def response_before_request_ends(peer):
    peer.handshake((INITIAL_WINDOW_SIZE, 1000))
    peer.receive_request(whole=False)
    peer.respond()
    peer.send(rst_stream(peer.number, NO_ERROR))
    peer.asking.wait(5)
    check(peer.asking.body == b"hello", f"the response is lost: {peer.asking.seen()}")


@gateway_case("8.1", "The head of a response reaches the client before the body is there", alive(), SUCCEEDS)
def head_before_body(peer):
    peer.handshake()
    peer.receive_request()
    peer.send(headers(peer.number, hpack.block(OK), end=False))
    check(peer.run(lambda: False, 0.05) is False, "")
    peer.run(lambda: peer.asking.status is not None, 2)
    check(peer.asking.status == 200, "the head does not come through")
    peer.send(data(peer.number, b"hello", end=True))


@gateway_case("8.7", "RST_STREAM REFUSED_STREAM: the request may be sent again; the client gets an answer", done(
    "sent again, or failed"), None)
def refused_stream(peer):
    peer.handshake()
    peer.receive_request()
    if peer.attempt:
        peer.respond()
        return
    peer.send(rst_stream(peer.number, REFUSED_STREAM))
    first = set(peer.served)
    peer.run(lambda: peer.asking.is_over or set(peer.streams) - first, 2)
    if set(peer.streams) - first:
        peer.receive_request()
        peer.respond()
    peer.asking.wait(5)
    check( peer.asking.failure != "no end of the response", peer.asking.seen())


@gateway_case("8.1", "The connection ends in the middle of a body: the client does not see a whole response",
              done("a cut response"))
def cut_connection(peer):
    peer.handshake()
    peer.receive_request()
    peer.send(headers(peer.number, hpack.block(OK), end=False), data(peer.number, b"part"))
    peer.sync()
    peer.close()
    peer.is_closed = True
