"""Sections 8.3 and 8.5, and RFC 8441: pseudo-header fields, hosts and CONNECT."""

from .. import hpack
from ..case import Skipped, Tolerated, case
from ..expect import answered, done, lenient, malformed, refused
from ..frames import *
from ..target import check


def _declare(section, name, what, expected, fields):
    """A case that sends one request; `fields` changes its usual ones."""
    @case(section, what, expected, name=name)
    def one(peer):
        peer.send(headers(1, hpack.block(fields(peer.request("/")))))


def _without(name):
    return lambda usual: [field for field in usual if field[0] != name]


def _with(name, value):
    return lambda usual: [(key, value if key == name else old) for key, old in usual]


for _pseudo in ("method", "scheme", "path"):
    _declare("8.3.1", f"no-{_pseudo}", f"No `:{_pseudo}`", malformed(), _without(f":{_pseudo}"))
    _declare("8.3.1", f"{_pseudo}-twice", f"`:{_pseudo}` twice", malformed(),
             lambda usual, name=f":{_pseudo}": usual + [field for field in usual if field[0] == name])
_declare("8.3.1", "authority-twice", "`:authority` twice", malformed(),
         lambda usual: usual + [(":authority", "other.test")])
_declare("8.3", "unknown-pseudo", "A pseudo-header field that nobody knows", malformed(),
         lambda usual: usual + [(":test", "1")])
_declare("8.3", "empty-pseudo", "A pseudo-header field whose name is a colon alone", malformed(),
         lambda usual: usual + [(":", "1")])
_declare("8.3", "status-in-request", "`:status` in a request", malformed(),
         lambda usual: usual + [(":status", "200")])
_declare("8.3", "pseudo-behind-field", "A pseudo-header field behind an ordinary one", malformed(),
         lambda usual: usual[:3] + [("x-name", "1")] + usual[3:])
_declare("8.3", "path-behind-field", "`:path` behind an ordinary field", malformed(),
         lambda usual: _without(":path")(usual) + [("x-name", "1"), (":path", "/")])
_declare("8.3", "capital-in-pseudo", "`:Path` in place of `:path`", malformed(),
         lambda usual: _without(":path")(usual) + [(":Path", "/")])
_declare("8.3", "pseudo-in-any-order", "Pseudo-header fields in another order", answered(),
         lambda usual: list(reversed(usual)))
_declare("8.3.1", "empty-path", "An empty `:path`", malformed(), _with(":path", ""))
_declare("8.3.1", "relative-path", "A `:path` without a slash at its beginning", malformed(), _with(":path", "path"))
_declare("8.3.1", "path-with-space", "A `:path` with a space", malformed(), _with(":path", "/a b"))
_declare("8.3.1", "path-with-line", "A `:path` with a request of HTTP/1.1 in it", malformed(),
         _with(":path", "/ HTTP/1.1\r\nx-smuggled: 1\r\n\r\nGET /"))
_declare("8.3.1", "path-with-nul", "A `:path` with NUL", malformed(), _with(":path", "/a\0b"))
_declare("8.3.1", "empty-method", "An empty `:method`", malformed(), _with(":method", ""))
_declare("8.3.1", "method-with-space", "A `:method` with a space", malformed(), _with(":method", "GET /x"))
_declare("8.3.1", "method-with-newline", "A `:method` with a line feed", malformed(), _with(":method", "GET\n"))
_declare("8.3.1", "empty-scheme", "An empty `:scheme`", malformed(), _with(":scheme", ""))
_declare("8.3.1", "scheme-with-space", "A `:scheme` with a space", malformed(), _with(":scheme", "ht tp"))
_declare("8.3.1", "authority-with-space", "An `:authority` with a space", malformed(),
         _with(":authority", "example.test x"))
_declare("8.3.1", "authority-with-newline", "An `:authority` with a line feed", malformed(),
         _with(":authority", "example.test\nx-smuggled: 1"))
_declare("8.3.1", "authority-with-user", "An `:authority` with a user", malformed() | lenient(answered()),
         _with(":authority", "user:secret@example.test"))
_declare("8.3.1", "authority-with-path", "An `:authority` with a slash", malformed() | lenient(answered()),
         _with(":authority", "example.test/x"))
_declare("8.3.1", "host-differs", "`host` that is not `:authority`", malformed() | lenient(answered()),
         lambda usual: usual + [("host", "other.test")])
_declare("8.3.1", "host-same", "`host` that is `:authority`", answered(),
         lambda usual: usual + [("host", dict(usual)[":authority"])])
_declare("8.3.1", "host-twice", "`host` twice, the same and another", malformed() | lenient(answered()),
         lambda usual: usual + [("host", dict(usual)[":authority"]), ("host", "other.test")])
_declare("8.3.1", "host-alone", "`host` in place of `:authority`", answered(),
         lambda usual: _without(":authority")(usual) + [("host", dict(usual)[":authority"])])
_declare("8.3.1", "no-host", "Neither `host` nor `:authority`", malformed() | lenient(answered(200, 404, 421)),
         _without(":authority"))
_declare("8.3.1", "asterisk", "`OPTIONS *`", answered(200, 204, 400, 404, 405, 501),
         lambda usual: [(":method", "OPTIONS"), (":path", "*")] + usual[1:2] + usual[3:])


def _connect(section, name, what, expected, fields):
    @case(section, what, expected, name=name)
    def one(peer):
        peer.send(headers(1, hpack.block([(":method", "CONNECT")] + fields), end=False))


_connect("8.5", "connect-with-scheme", "CONNECT with `:scheme`", malformed(),
         [(":scheme", "https"), (":authority", "example.test:443")])
_connect("8.5", "connect-with-path", "CONNECT with `:path`", malformed(),
         [(":path", "/"), (":authority", "example.test:443")])
_connect("8.5", "connect-with-both", "CONNECT with `:scheme` and `:path`", malformed(),
         [(":scheme", "https"), (":path", "/"), (":authority", "example.test:443")])
_connect("8.5", "connect-without-authority", "CONNECT without `:authority`", malformed(), [])
_connect("8.5", "connect-without-port", "CONNECT to a host without a port", malformed() | refused(),
         [(":authority", "example.test")])


@case("8.5", "CONNECT is answered somehow, and the connection goes on", done("any status, or stream error"))
def connect_is_answered(peer):
    peer.send(headers(1, hpack.block([(":method", "CONNECT"), (":authority", "127.0.0.1:9")]), end=False))
    peer.wait(lambda: 1 in peer.streams and (peer.streams[1].blocks or peer.streams[1].reset is not None),
              "CONNECT is not answered")
    peer.sync()


# RFC 8441: extended CONNECT

_SOCKET = [("sec-websocket-version", "13"), ("origin", "http://example.test")]


def _extended(peer, path="/socket", drop=(), protocol="websocket"):
    usual = [field for field in peer.request(path, "CONNECT") if field[0] not in drop]
    return hpack.block(usual + [(":protocol", protocol)] + _SOCKET)


def _need_extended(peer):
    if not peer.settings.get(ENABLE_CONNECT_PROTOCOL):
        raise Skipped("the peer does not offer extended CONNECT")


@case("3", "SETTINGS_ENABLE_CONNECT_PROTOCOL is 0 or 1", done("0, 1 or nothing"), rfc=8441)
def offered_value(peer):
    value = peer.settings.get(ENABLE_CONNECT_PROTOCOL, 0)
    check(value in (0, 1), f"the value is {value}")


@case("3", "`:protocol`, though the peer has not offered it", malformed() | refused(), rfc=8441)
def protocol_not_offered(peer):
    if peer.settings.get(ENABLE_CONNECT_PROTOCOL):
        raise Skipped("the peer offers extended CONNECT")
    peer.send(headers(1, _extended(peer), end=False))


@case("4", "`:protocol` with GET", malformed(), rfc=8441)
def protocol_with_get(peer):
    peer.send(headers(1, hpack.block(peer.request("/") + [(":protocol", "websocket")])))


for _name in ("scheme", "path", "authority"):
    @case("4", f"Extended CONNECT without `:{_name}`", malformed(), rfc=8441, name=f"without-{_name}")
    def _without_part(peer, name=_name):
        _need_extended(peer)
        peer.send(headers(1, _extended(peer, drop=(f":{name}",)), end=False))


@case("4", "`:protocol` twice", malformed(), rfc=8441)
def protocol_twice(peer):
    _need_extended(peer)
    usual = peer.request("/socket", "CONNECT") + [(":protocol", "websocket")] * 2
    peer.send(headers(1, hpack.block(usual + _SOCKET), end=False))


@case("5", "A WebSocket over HTTP/2: 200, then octets both ways, then the end both ways", done("200, octets and the end"), rfc=8441,
      needs=("socket",))
def websocket(peer):
    _need_extended(peer)
    peer.send(headers(1, _extended(peer), end=False))
    check(peer.head(1).status == 200, f"refused: {peer.seen()}")
    peer.send(data(1, b"to and fro"))
    peer.wait(lambda: bytes(peer.streams[1].body) == b"to and fro", "nothing comes back")
    peer.send(data(1, b"", end=True))
    if not peer.run(lambda: peer.streams[1].is_ended, peer.target.timeout):
        raise Tolerated("END_STREAM of the client does not end the service's connection")


@case("5", "RST_STREAM ends a WebSocket over HTTP/2, and nothing else", answered(id=3), rfc=8441, needs=("socket",))
def websocket_reset(peer):
    _need_extended(peer)
    peer.send(headers(1, _extended(peer), end=False))
    peer.head(1)
    peer.send(rst_stream(1, CANCEL))
    peer.get(3)


@case("5", "An unknown protocol", refused() | malformed(), rfc=8441)
def unknown_protocol(peer):
    _need_extended(peer)
    peer.send(headers(1, _extended(peer, protocol="gopher"), end=False))
