"""Section 8.2: names and values of fields, fields of the connection, and cookies."""

from .. import hpack
from ..case import case
from ..expect import answered, malformed
from ..frames import *

_NAMES = (
    ("capital-in-name", "A name with a capital", b"x-Upper"),
    ("capitals-in-name", "A name in capitals", b"ACCEPT"),
    ("space-in-name", "A name with a space", b"x name"),
    ("space-behind-name", "A name that ends with a space", b"x-name "),
    ("control-in-name", "A name with a control character", b"x-na\x01me"),
    ("nul-in-name", "A name with NUL", b"x-na\0me"),
    ("newline-in-name", "A name with a line feed", b"x-na\nme"),
    ("return-in-name", "A name with a carriage return", b"x-na\rme"),
    ("delete-in-name", "A name with DEL", b"x-na\x7fme"),
    ("high-octet-in-name", "A name with an octet above 0x7f", b"x-n\xe4me"),
    ("colon-in-name", "A name with a colon in its middle", b"x:name"),
    ("colon-behind-name", "A name that ends with a colon", b"x-name:"),
    ("empty-name", "A name of no characters", b""),
)
_VALUES = (
    ("nul-in-value", "A value with NUL", b"a\0b"),
    ("newline-in-value", "A value with a line feed", b"a\nb"),
    ("return-in-value", "A value with a carriage return", b"a\rb"),
    ("smuggled-line", "A value with a line of HTTP/1.1 in it", b"a\r\nx-smuggled: 1"),
    ("space-before-value", "A value that begins with a space", b" a"),
    ("tab-before-value", "A value that begins with a tab", b"\ta"),
    ("space-behind-value", "A value that ends with a space", b"a "),
    ("tab-behind-value", "A value that ends with a tab", b"a\t"),
    ("only-space-value", "A value of one space", b" "),
)


def _declare(section, name, what, *fields):
    @case(section, what, malformed(), name=name)
    def one(peer):
        peer.send(headers(1, peer.block("/") + hpack.block(fields)))


for _name, _what, _octets in _NAMES:
    _declare("8.2.1", _name, _what, (_octets, b"value"))
for _name, _what, _octets in _VALUES:
    _declare("8.2.1", _name, _what, (b"x-name", _octets))


@case("8.2.1", "A name with a capital, Huffman-coded and indexed", malformed())
def capital_in_coded_name(peer):
    peer.send(headers(1, peer.block("/") + hpack.literal(b"x-Upper", b"value", "incremental", coded=True)))


@case("8.2.1", "A value with a line feed, Huffman-coded and indexed", malformed())
def newline_in_coded_value(peer):
    peer.send(headers(1, peer.block("/") + hpack.literal(b"x-name", b"a\nb", "incremental", coded=True)))


@case("8.2.1", "A value with a line feed, from the dynamic table", malformed(id=3))
def newline_in_table(peer):
    peer.send(headers(1, peer.block("/") + hpack.literal(b"x-name", b"a\nb", "incremental")))
    peer.run(lambda: peer.is_closed or 1 in peer.streams, peer.target.timeout)
    peer.send(headers(3, peer.block("/") + hpack.indexed(62)))


@case("8.2.1", "Values with every octet that is allowed", answered())
def allowed_octets(peer):
    value = bytes(range(0x21, 0x7f)) + b" \t" + bytes(range(0x80, 0x100))
    peer.send(headers(1, peer.block("/") + hpack.literal(b"x-name", value)))


@case("8.2.1", "A name with every character that is allowed", answered())
def allowed_names(peer):
    peer.send(headers(1, peer.block("/") + hpack.literal(b"x!#$%&'*+-.^_`|~0189az", b"value")))


@case("8.2.1", "An empty value", answered())
def empty_value(peer):
    peer.send(headers(1, peer.block("/") + hpack.literal(b"x-name", b"")))


for _field, _value in ((b"connection", b"keep-alive"), (b"connection", b"close"), (b"keep-alive", b"timeout=5"),
                       (b"proxy-connection", b"keep-alive"), (b"transfer-encoding", b"chunked"),
                       (b"transfer-encoding", b"identity"), (b"upgrade", b"websocket"), (b"upgrade", b"h2c")):
    _declare("8.2.2", f"{_field.decode()}-{_value.decode().replace('=', '-')}",
             f"The field `{_field.decode()}: {_value.decode()}`", (_field, _value))
for _value in (b"gzip", b"trailers, deflate", b"trailers;q=0.5"):
    _declare("8.2.2", f"te-{_value.decode().replace(', ', '-').replace(';', '-')}",
             f"The field `te: {_value.decode()}`", (b"te", _value))


@case("8.2.2", "The field `te: trailers`", answered())
def te_trailers(peer):
    peer.get(1, "/", ("te", "trailers"))


@case("8.2.2", "`transfer-encoding: chunked` on a request with DATA", malformed())
def chunked_with_data(peer):
    peer.post(1, "/echo", ("transfer-encoding", "chunked"))
    peer.send(data(1, b"4\r\nbody\r\n0\r\n\r\n", end=True))


@case("8.2.3", "Several cookie fields", answered())
def cookies(peer):
    peer.get(1, "/", ("cookie", "a=1"), ("cookie", "b=2"), ("cookie", "c=3"))
