"""RFC 7541 for services: field blocks of responses, and what the gateway's encoder must keep to."""

from .. import hpack
from ..case import SUCCEEDS
from ..expect import alive, connection, done
from ..frames import *
from ..service import OK
from ..target import check
from .declare import answers, gateway_case

_OK = hpack.block(OK)
_NAME = hpack.string(b"x-name")


def _coded(octets):
    return b"\x00" + _NAME + hpack.integer(len(octets), 7, 0x80) + octets


for _section, _name, _what, _octets in (
        ("2.3.3", "index-beyond", "An index behind an empty dynamic table", hpack.indexed(62)),
        ("5.1", "integer-without-end", "An integer whose continuation never ends", b"\xff" * 40 + b"\x01"),
        ("5.1", "integer-overflow-of-32", "An index of 2^32 and more", hpack.integer((1 << 32) + 2, 7, 0x80)),
        ("5.2", "value-beyond-block", "A value longer than the block",
         b"\x00" + _NAME + hpack.string(b"value", length=60)),
        ("5.2", "padding-of-octet", "A Huffman string with more than seven bits of padding",
         _coded(hpack.huffman(b"a", padding="1" * 11))),
        ("5.2", "padding-of-zeros", "A Huffman string padded with zeros", _coded(hpack.huffman(b"a", padding="000"))),
        ("5.2", "end-symbol", "A Huffman string with the end symbol", _coded(hpack.huffman(b"a", symbols=(hpack.EOS,)))),
        ("6.1", "index-zero", "The index 0", b"\x80"),
        ("6.3", "size-at-end", "A table size update behind a field", hpack.size_update(0))):
    answers(_section, _name, _what, connection(COMPRESSION_ERROR),
            lambda peer, octets=_octets: [headers(peer.number, _OK + octets)], rfc=7541)
answers("6.3", "size-above-limit", "A table size update above the gateway's SETTINGS_HEADER_TABLE_SIZE",
        connection(COMPRESSION_ERROR),
        lambda peer: [headers(peer.number, hpack.size_update(peer.settings.get(HEADER_TABLE_SIZE, 4096) + 1) + _OK)],
        rfc=7541)
for _kind in ("incremental", "without", "never"):
    for _huffman in (False, True):
        answers("6.2", f"literal-{_kind}{'-coded' if _huffman else ''}",
                f"Literals, {_kind}{', Huffman-coded' if _huffman else ''}", alive(),
                lambda peer, kind=_kind, coded=_huffman: [headers(
                    peer.number, hpack.block(OK + [(b"x-name", b"value")], kind, coded))], SUCCEEDS, rfc=7541)


@gateway_case("2.3.2", "The dynamic table serves the next response of the connection", done("both responses"),
              None, rfc=7541)
def table_of_responses(peer):
    peer.handshake()
    peer.receive_request()
    size = peer.settings.get(HEADER_TABLE_SIZE, 4096)
    peer.send(headers(peer.number, hpack.block(OK + [(b"x-kept", b"in the table")], "incremental" if size else "without")))
    peer.asking.wait(5)
    second = peer.ask("/second")
    peer.receive_next()
    if size:
        peer.send(headers(peer.number, hpack.indexed(8) + hpack.indexed(62)))
        check(second.wait(5).get("x-kept") == ["in the table"], f"{second.seen()}: {second.fields}")
    else:
        peer.respond()


@gateway_case("4.2", "SETTINGS_HEADER_TABLE_SIZE of 0: the gateway's encoder keeps to it", done("both requests"),
              None, rfc=7541)
def table_size_of_zero(peer):
    peer.handshake((HEADER_TABLE_SIZE, 0))
    peer.receive_request()
    peer.respond()
    peer.asking.wait(5)
    second = peer.ask("/second", fields=[("X-Name", "value")])
    peer.receive_next()
    peer.respond()
    check(second.wait(5).has_succeeded, second.seen())


@gateway_case("4.2", "SETTINGS_HEADER_TABLE_SIZE up and down: the gateway's encoder keeps to it", done("all requests"),
              None, rfc=7541)
def table_size_changes(peer):
    peer.handshake()
    peer.receive_request()
    peer.respond()
    peer.asking.wait(5)
    for number, size in enumerate((16384, 64, 0, 4096)):
        wanted = peer.acknowledgements + 1
        peer.send(settings((HEADER_TABLE_SIZE, size)))
        peer.wait(lambda: peer.acknowledgements >= wanted, "SETTINGS were not acknowledged")
        asking = peer.ask(f"/{number}", fields=[("X-Name", f"value {number}"), ("X-Same", "the same")])
        peer.receive_next()
        peer.respond()
        check(asking.wait(5).has_succeeded, asking.seen())
