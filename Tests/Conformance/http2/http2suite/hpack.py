"""HPACK (RFC 7541): representations one by one for writing, and a decoder that checks what peers write."""

# Lengths in bits of the Huffman codes of appendix B, a character a symbol ('5' is five, 'a' ten, 'u' thirty);
# the codes are canonical, so the lengths say all.
_LENGTHS = (
    "dnsssssssoussussssssssusssssssss6aacd68baa8b8666555666666678f6cad67777777777777777777777878djde6"
    "f56565666577666567655677777fbedskmkkmmmnmnnnnnonoomnonnnnlmnmnnomlkmmnnlnmmolmnnllmlnmnnkmmmnmmn"
    "qqkjmnmpqqqrrqopjlqrrqrollqqsrrrkoklmllnmmppooqnqrqqrrrrrsrrrrrqu")


def _codes():
    codes, code, previous = [(0, 0)] * 257, 0, 0
    for length, symbol in sorted((int(mark, 36), symbol) for symbol, mark in enumerate(_LENGTHS)):
        code <<= length - previous
        codes[symbol] = (code, length)
        code, previous = code + 1, length
    return codes


_CODES = _codes()
_SYMBOLS = {code: symbol for symbol, code in enumerate(_CODES)}
EOS = 256

STATIC = [
    (b":authority", b""), (b":method", b"GET"), (b":method", b"POST"), (b":path", b"/"),
    (b":path", b"/index.html"), (b":scheme", b"http"), (b":scheme", b"https"), (b":status", b"200"),
    (b":status", b"204"), (b":status", b"206"), (b":status", b"304"), (b":status", b"400"),
    (b":status", b"404"), (b":status", b"500"), (b"accept-charset", b""),
    (b"accept-encoding", b"gzip, deflate"),
] + [(name, b"") for name in (
    b"accept-language accept-ranges accept access-control-allow-origin age allow authorization cache-control "
    b"content-disposition content-encoding content-language content-length content-location content-range "
    b"content-type cookie date etag expect expires from host if-match if-modified-since if-none-match if-range "
    b"if-unmodified-since last-modified link location max-forwards proxy-authenticate proxy-authorization "
    b"range referer refresh retry-after server set-cookie strict-transport-security transfer-encoding "
    b"user-agent vary via www-authenticate").split()]


class DecodingError(Exception):
    """What the peer wrote is no field block."""


def integer(value, bits, first=0):
    """An integer behind `first`, whose lower `bits` bits it begins in (section 5.1)."""
    limit = (1 << bits) - 1
    if value < limit:
        return bytes([first | value])
    out, value = bytearray([first | limit]), value - limit
    while value >= 128:
        out.append(value & 127 | 128)
        value >>= 7
    out.append(value)
    return bytes(out)


def huffman(octets, padding=None, symbols=()):
    """A Huffman-coded string without its length; `padding` replaces the ones behind the last code, and
    `symbols` (EOS, say) stand between it and them."""
    bits = "".join(format(code, f"0{length}b") for code, length in (_CODES[s] for s in (*octets, *symbols)))
    bits += "1" * (-len(bits) % 8) if padding is None else padding
    assert len(bits) % 8 == 0, len(bits)
    return bytes(int(bits[at:at + 8], 2) for at in range(0, len(bits), 8))


def huffman_bits(octets):
    return sum(_CODES[octet][1] for octet in octets)


def string(octets, coded=False, length=None):
    """A string literal (section 5.2); `length` lies about it."""
    body = huffman(octets) if coded else octets
    return integer(len(body) if length is None else length, 7, 0x80 if coded else 0) + body


def indexed(index):
    return integer(index, 7, 0x80)


def size_update(size):
    return integer(size, 5, 0x20)


def literal(name, value, kind="without", coded=False):
    """A literal field: `name` is bytes, or an index; `kind` is incremental, without or never."""
    bits, first = {"incremental": (6, 0x40), "without": (4, 0x00), "never": (4, 0x10)}[kind]
    if isinstance(name, int):
        return integer(name, bits, first) + string(value, coded)
    return bytes([first]) + string(name, coded) + string(value, coded)


def block(fields, kind="without", coded=False):
    """A whole field block of literals; text is taken as Latin-1."""
    return b"".join(literal(_octets(name), _octets(value), kind, coded) for name, value in fields)


def _octets(text):
    return text.encode("latin-1") if isinstance(text, str) else text


class Decoder:
    """Reads field blocks, and keeps the peer to the table size that it was told."""

    def __init__(self, limit=4096):
        self.limit = limit
        self.size_limit = limit
        self.table = []
        self.size = 0
        self.must_shrink = None
        #: Names of fields that came as never indexed.
        self.never_indexed = []

    def allow(self, limit):
        """The peer has acknowledged this SETTINGS_HEADER_TABLE_SIZE."""
        if limit < self.size_limit:
            self.must_shrink = limit
        self.limit = limit

    def decode(self, octets):
        self.octets, self.at, fields, may_resize = octets, 0, [], True
        while self.at < len(octets):
            first = octets[self.at]
            if first & 0xE0 == 0x20:
                if not may_resize:
                    raise DecodingError("a table size update behind a field")
                self._resize(self._integer(5))
                continue
            if self.must_shrink is not None:
                raise DecodingError(f"no table size update to {self.must_shrink} before the first field")
            may_resize = False
            fields.append(self._field(first))
        return fields

    def _resize(self, size):
        if size > self.limit:
            raise DecodingError(f"table size {size}, at most {self.limit} is allowed")
        if self.must_shrink is not None and size <= self.must_shrink:
            self.must_shrink = None
        self.size_limit = size
        self._evict(0)

    def _field(self, first):
        if first & 0x80:
            return self._entry(self._integer(7))
        is_kept = first & 0x40 != 0
        is_secret = first & 0xF0 == 0x10
        index = self._integer(6 if is_kept else 4)
        name = self._entry(index)[0] if index else self._string()
        value = self._string()
        if is_secret:
            self.never_indexed.append(name)
        if is_kept:
            size = len(name) + len(value) + 32
            self._evict(size)
            if size <= self.size_limit:
                self.table.insert(0, (name, value))
                self.size += size
        return name, value

    def _evict(self, coming):
        while self.table and self.size + coming > self.size_limit:
            name, value = self.table.pop()
            self.size -= len(name) + len(value) + 32

    def _entry(self, index):
        if not 0 < index <= len(STATIC) + len(self.table):
            raise DecodingError(f"index {index} with {len(self.table)} dynamic entries")
        return STATIC[index - 1] if index <= len(STATIC) else self.table[index - len(STATIC) - 1]

    def _octet(self):
        if self.at >= len(self.octets):
            raise DecodingError("the block ends within a field")
        self.at += 1
        return self.octets[self.at - 1]

    def _integer(self, bits):
        limit = (1 << bits) - 1
        value = self._octet() & limit
        if value < limit:
            return value
        for shift in range(0, 35, 7):
            octet = self._octet()
            value += (octet & 127) << shift
            if octet < 128:
                return value
        raise DecodingError("an integer without end")

    def _string(self):
        is_coded = self.at < len(self.octets) and self.octets[self.at] & 0x80 != 0
        length = self._integer(7)
        if self.at + length > len(self.octets):
            raise DecodingError("a string longer than the block")
        octets = self.octets[self.at:self.at + length]
        self.at += length
        return _huffman_text(octets) if is_coded else octets


def _huffman_text(octets):
    out, code, length = bytearray(), 0, 0
    for octet in octets:
        for shift in range(7, -1, -1):
            code, length = code << 1 | octet >> shift & 1, length + 1
            symbol = _SYMBOLS.get((code, length))
            if symbol == EOS:
                raise DecodingError("the end symbol in a Huffman string")
            if symbol is not None:
                out.append(symbol)
                code, length = 0, 0
    if length > 7 or code != (1 << length) - 1:
        raise DecodingError("wrong padding of a Huffman string")
    return bytes(out)
