"""RFC 7541, sections 2 to 4: the dynamic table, its order, its size and what leaves it."""

from .. import hpack
from ..case import Skipped, case
from ..expect import answered, connection
from ..frames import *
from ..target import check


def _limit(peer, least=1000):
    """The largest table that the peer allows, 4,096 at most."""
    limit = min(peer.settings.get(HEADER_TABLE_SIZE, 4096), 4096)
    if limit < least:
        raise Skipped(f"the peer's table holds {limit} bytes")
    return limit


def _entry(name, size):
    """A field whose entry has this size: name, value and 32."""
    return hpack.literal(name, b"v" * (size - 32 - len(name)), "incremental")


@case("2.3.2", "Entries are counted from the newest, and used in the next requests", answered(id=5), rfc=7541)
def newest_first(peer):
    _limit(peer)
    peer.send(headers(1, peer.block("/") + hpack.literal(b"x-old", b"1", "incremental")
                      + hpack.literal(b"x-new", b"2", "incremental")))
    peer.send(headers(3, peer.block("/") + hpack.indexed(62) + hpack.indexed(63)))
    # The name of the older one, with another value, becomes the newest.
    peer.send(headers(5, peer.block("/") + hpack.literal(63, b"3", "incremental") + hpack.indexed(64)))


@case("2.3.2", "The pseudo-header fields of a request come from the dynamic table in their order", answered(id=3), rfc=7541)
def pseudo_from_table(peer):
    _limit(peer)
    peer.send(headers(1, hpack.block([(name.encode(), value.encode()) for name, value in peer.request("/")],
                                     "incremental")))
    peer.send(headers(3, b"".join(hpack.indexed(index) for index in (65, 64, 63, 62))))


@case("2.3.2", "An entry that is there twice takes two places", answered(id=3), rfc=7541)
def duplicates(peer):
    _limit(peer)
    twice = hpack.literal(b"x-same", b"1", "incremental") * 2
    peer.send(headers(1, peer.block("/") + twice))
    peer.send(headers(3, peer.block("/") + hpack.indexed(63)))


@case("2.3.3", "An index just behind the dynamic table", connection(COMPRESSION_ERROR), rfc=7541)
def behind_the_table(peer):
    _limit(peer)
    peer.send(headers(1, peer.block("/") + hpack.literal(b"x-old", b"1", "incremental")
                      + hpack.literal(b"x-new", b"2", "incremental")))
    peer.response(1)
    peer.send(headers(3, peer.block("/") + hpack.indexed(64)))


@case("2.3.3", "The name of an entry just behind the dynamic table", connection(COMPRESSION_ERROR), rfc=7541)
def name_behind_the_table(peer):
    _limit(peer)
    peer.send(headers(1, peer.block("/") + hpack.literal(b"x-old", b"1", "incremental")))
    peer.response(1)
    peer.send(headers(3, peer.block("/") + hpack.literal(63, b"value")))


@case("2.3.2", "Literals that are not indexed do not enter the table", connection(COMPRESSION_ERROR), rfc=7541)
def not_indexed(peer):
    peer.send(headers(1, peer.block("/") + hpack.literal(b"x-out", b"1") + hpack.literal(b"x-out", b"1", "never")))
    peer.response(1)
    peer.send(headers(3, peer.block("/") + hpack.indexed(62)))


@case("2.2", "Trailers and requests share one table", answered(id=3), rfc=7541)
def one_table(peer):
    _limit(peer)
    peer.post(1)
    peer.send(data(1, b"body"), headers(1, hpack.literal(b"x-sum", b"4", "incremental")))
    peer.response(1)
    peer.send(headers(3, peer.block("/") + hpack.indexed(62)))


@case("4.1", "A table that is exactly full keeps all of its entries", answered(id=3), rfc=7541)
def exactly_full(peer):
    limit = _limit(peer)
    first = limit - 3 * 200
    peer.send(headers(1, peer.block("/") + _entry(b"x-one", first) + _entry(b"x-two", 200) * 3))
    peer.response(1)
    peer.send(headers(3, peer.block("/") + hpack.indexed(65)))


@case("4.1", "A byte more than a full table: the oldest entry has left", connection(COMPRESSION_ERROR), rfc=7541)
def a_byte_more(peer):
    limit = _limit(peer)
    first = limit - 3 * 200
    peer.send(headers(1, peer.block("/") + _entry(b"x-one", first) + _entry(b"x-two", 200) * 2
                      + _entry(b"x-two", 201)))
    peer.response(1)
    peer.send(headers(3, peer.block("/") + hpack.indexed(65)))


@case("4.2", "A smaller table: what no longer fits has left", connection(COMPRESSION_ERROR), rfc=7541)
def smaller_table(peer):
    _limit(peer)
    peer.send(headers(1, peer.block("/") + _entry(b"x-one", 200) + _entry(b"x-two", 200)))
    peer.response(1)
    peer.send(headers(3, hpack.size_update(399) + peer.block("/") + hpack.indexed(63)))


@case("4.2", "A smaller table: what still fits has stayed", answered(id=3), rfc=7541)
def smaller_table_keeps(peer):
    _limit(peer)
    peer.send(headers(1, peer.block("/") + _entry(b"x-one", 200) + _entry(b"x-two", 200)))
    peer.response(1)
    peer.send(headers(3, hpack.size_update(399) + peer.block("/") + hpack.indexed(62)))


@case("4.2", "A table of 0 bytes and back: it is empty", connection(COMPRESSION_ERROR), rfc=7541)
def emptied_table(peer):
    limit = _limit(peer)
    peer.send(headers(1, peer.block("/") + _entry(b"x-one", 200)))
    peer.response(1)
    peer.send(headers(3, hpack.size_update(0) + hpack.size_update(limit) + peer.block("/") + hpack.indexed(62)))


@case("4.2", "A peer that allows less than 4,096 bytes is told so in the next block, or it is an error",
      connection(COMPRESSION_ERROR), rfc=7541)
def reduction_not_signalled(peer):
    limit = peer.settings.get(HEADER_TABLE_SIZE, 4096)
    if limit >= 4096:
        raise Skipped("the peer does not lower it")
    peer.send(headers(1, peer.block("/")))


@case("4.4", "An entry larger than the table empties it, and is no error", answered(), rfc=7541)
def too_large_entry(peer):
    limit = _limit(peer)
    peer.send(headers(1, hpack.size_update(100) + peer.block("/") + _entry(b"x-one", 64)
                      + _entry(b"x-two", 200), end=True))
    check(limit >= 100, "")


@case("4.4", "An entry larger than the table has emptied it", connection(COMPRESSION_ERROR), rfc=7541)
def too_large_entry_empties(peer):
    _limit(peer)
    peer.send(headers(1, hpack.size_update(100) + peer.block("/") + _entry(b"x-one", 64) + _entry(b"x-two", 200)))
    peer.response(1)
    peer.send(headers(3, peer.block("/") + hpack.indexed(62)))


@case("4.4", "A new entry may take its name from the entry that it drives out", answered(id=3), rfc=7541)
def name_of_leaving_entry(peer):
    _limit(peer)
    peer.send(headers(1, hpack.size_update(100) + peer.block("/") + _entry(b"x-one", 80)))
    peer.send(headers(3, peer.block("/") + hpack.literal(62, b"w" * 40, "incremental") + hpack.indexed(62)))


@case("3.2", "Names and values in thousands of entries over many requests, as the table turns over",
      answered(id=201), rfc=7541)
def turn_over(peer):
    _limit(peer)
    peer.returns_credit = True
    for number in range(1, 201, 2):
        block = b"".join(hpack.literal(b"x-%d-%d" % (number, at), b"%d" % at, "incremental") for at in range(20))
        peer.send(headers(number, peer.block("/") + block + hpack.indexed(62) + hpack.indexed(81)))
        check(peer.response(number).status == 200, f"request {number} was refused")
    peer.send(headers(201, peer.block("/") + hpack.indexed(70)))
