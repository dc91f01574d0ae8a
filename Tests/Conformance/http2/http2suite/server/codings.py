"""RFC 7541, sections 5 and 6: integers, strings, Huffman codes and representations."""

from .. import hpack
from ..case import case
from ..expect import alive, answered, connection, lenient
from ..frames import *


def _bad(section, name, what, octets):
    """A block whose last field cannot be decoded."""
    @case(section, what, connection(COMPRESSION_ERROR), rfc=7541, name=name)
    def one(peer):
        peer.send(headers(1, peer.block("/") + octets))


def _good(section, name, what, octets, expected=None):
    @case(section, what, expected or answered(), rfc=7541, name=name)
    def one(peer):
        peer.send(headers(1, peer.block("/") + octets))


_NAME = hpack.string(b"x-name")

_bad("5.1", "integer-without-end", "An integer whose continuation never ends", b"\xff" + b"\xff" * 40 + b"\x01")
_bad("5.1", "integer-overflow", "An index that no 64 bits can hold", b"\xff" + b"\xff" * 9 + b"\x7f")
_bad("5.1", "integer-overflow-of-32", "An index of 2^32 and more", hpack.integer((1 << 32) + 2, 7, 0x80))
_bad("5.1", "length-overflow", "The length of a name that no 64 bits can hold",
     b"\x00\x7f" + b"\xff" * 9 + b"\x7f")
_bad("5.1", "length-of-value-overflow", "The length of a value of 2^32 and more",
     b"\x00" + _NAME + hpack.integer((1 << 32) + 1, 7) + b"v")
_bad("5.1", "integer-cut", "An integer that the block ends within", b"\xff\x80")
_bad("5.1", "integer-cut-at-prefix", "An integer that the block ends behind the prefix of", b"\x0f")
_good("5.1", "integer-with-zeros", "An integer with needless octets of zero, which limits may refuse",
      b"\x00" + _NAME + b"\x7f\x81\x80\x80\x00" + b"v" * 128, answered() | connection(COMPRESSION_ERROR))
_bad("5.2", "name-beyond-block", "A name longer than the block", b"\x00" + hpack.string(b"x-name", length=60))
_bad("5.2", "value-beyond-block", "A value longer than the block",
     b"\x00" + _NAME + hpack.string(b"value", length=6))
_bad("5.2", "value-missing", "A name without a value", b"\x00" + _NAME)


def _coded(octets):
    """A name, and a value whose octets are taken for Huffman codes."""
    return b"\x00" + _NAME + hpack.integer(len(octets), 7, 0x80) + octets


# The code of `a` is 00011, of five bits; eleven bits of padding make two octets of it.
_bad("5.2", "padding-of-octet", "A Huffman string with more than seven bits of padding",
     _coded(hpack.huffman(b"a", padding="1" * 11)))
_bad("5.2", "padding-of-whole-octet", "A Huffman string that is whole, and an octet of padding",
     _coded(hpack.huffman(b"&") + b"\xff"))
_bad("5.2", "padding-of-zeros", "A Huffman string padded with zeros", _coded(hpack.huffman(b"a", padding="000")))
_bad("5.2", "padding-mixed", "A Huffman string padded with ones and a zero", _coded(hpack.huffman(b"a", padding="110")))
_bad("5.2", "end-symbol", "A Huffman string with the end symbol, padded", _coded(hpack.huffman(b"a", symbols=(hpack.EOS,))))
_bad("5.2", "end-symbol-alone", "A Huffman string that is the end symbol", _coded(hpack.huffman(b"", symbols=(hpack.EOS,))))
_bad("5.2", "end-symbol-in-middle", "A Huffman string with the end symbol between others",
     _coded(hpack.huffman(b"a", symbols=(hpack.EOS, 98))))
_bad("5.2", "code-cut", "A Huffman string that ends within a code", _coded(hpack.huffman(b"\x01")[:2]))
_bad("5.2", "padding-in-name", "A name in Huffman codes padded with zeros",
     b"\x00" + hpack.integer(1, 7, 0x80) + hpack.huffman(b"a", padding="000") + hpack.string(b"v"))
_good("5.2", "huffman-of-all-letters", "Name and value in Huffman codes",
      hpack.literal(b"x-name", bytes(range(0x21, 0x7f)), coded=True))
_good("5.2", "huffman-of-high-octets", "A value of octets whose codes are the longest that are allowed",
      hpack.literal(b"x-name", bytes(range(0x80, 0x100)), coded=True))
_good("5.2", "huffman-empty", "An empty string in Huffman codes", b"\x00" + _NAME + b"\x80")
_good("5.2", "huffman-longer-than-raw", "A Huffman string that is longer than its octets",
      hpack.literal(b"x-name", b"\\^|{}~" * 8, coded=True))

_bad("6.1", "index-zero", "The index 0", b"\x80")
_bad("6.1", "index-beyond-static", "The first index of an empty dynamic table", hpack.indexed(62))
_bad("6.1", "index-far-beyond", "An index far beyond the tables", hpack.indexed(70000))
_bad("6.2.1", "name-index-beyond", "A literal with the name of an entry that is not there",
     hpack.literal(62, b"value", "incremental"))
_bad("6.2.2", "name-index-beyond-without", "A literal, not indexed, with the name of an entry that is not there",
     hpack.literal(62, b"value"))
_bad("6.2.3", "name-index-beyond-never", "A literal, never indexed, with the name of an entry that is not there",
     hpack.literal(62, b"value", "never"))
for _kind, _section in (("incremental", "6.2.1"), ("without", "6.2.2"), ("never", "6.2.3")):
    for _coded_too in (False, True):
        _suffix = "-coded" if _coded_too else ""
        _words = ", Huffman-coded" if _coded_too else ""
        _good(_section, f"new-name{_suffix}", f"A literal, {_kind}, with a new name{_words}",
              hpack.literal(b"x-name", b"value", _kind, _coded_too))
        _good(_section, f"indexed-name{_suffix}", f"A literal, {_kind}, with a name of the static table{_words}",
              hpack.literal(58, b"an agent", _kind, _coded_too))


@case("6.1", "A whole request of indexed fields, the authority from the dynamic table", answered(id=3), rfc=7541)
def all_indexed(peer):
    scheme = 7 if peer.target.is_tls else 6
    head = hpack.indexed(2) + hpack.indexed(scheme) + hpack.indexed(4)
    peer.send(headers(1, head + hpack.literal(1, peer.target.authority.encode(), "incremental", coded=True)))
    peer.send(headers(3, head + hpack.indexed(62)))


@case("6.1", "Every entry of the static table that may stand in a request", answered(), rfc=7541)
def static_table(peer):
    left_out = {b"connection", b"transfer-encoding", b"host", b"content-length", b"expect", b"te", b"upgrade", b"range"}
    indices = [index for index, (name, _) in enumerate(hpack.STATIC, 1)
               if not name.startswith(b":") and name not in left_out and not name.startswith((b"if-", b"max-f"))]
    peer.send(headers(1, peer.block("/") + b"".join(hpack.indexed(index) for index in indices)))


@case("6.3", "A table size update above SETTINGS_HEADER_TABLE_SIZE", connection(COMPRESSION_ERROR), rfc=7541)
def size_above_limit(peer):
    limit = peer.settings.get(HEADER_TABLE_SIZE, 4096)
    peer.send(headers(1, hpack.size_update(limit + 1) + peer.block("/")))


@case("6.3", "A table size update of 2^32", connection(COMPRESSION_ERROR), rfc=7541)
def size_huge(peer):
    peer.send(headers(1, hpack.size_update(1 << 32) + peer.block("/")))


@case("6.3", "A table size update within a field block", connection(COMPRESSION_ERROR), rfc=7541)
def size_within_block(peer):
    block = peer.block("/")
    first = hpack.block(peer.request("/")[:1])
    peer.send(headers(1, first + hpack.size_update(0) + block[len(first):]))


@case("6.3", "A table size update at the end of a field block", connection(COMPRESSION_ERROR), rfc=7541)
def size_at_end(peer):
    peer.send(headers(1, peer.block("/") + hpack.size_update(0)))


@case("6.3", "Table size updates at the beginning of a field block", answered(), rfc=7541)
def size_at_beginning(peer):
    limit = peer.settings.get(HEADER_TABLE_SIZE, 4096)
    peer.send(headers(1, hpack.size_update(0) + hpack.size_update(limit) + peer.block("/")))


@case("6.3", "A block of nothing but a table size update, as trailers", answered() | lenient(alive()), rfc=7541)
def size_alone(peer):
    peer.post()
    peer.send(data(1, b"body"), headers(1, hpack.size_update(0)))
