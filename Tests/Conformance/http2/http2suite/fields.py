"""What a field block of RFC 9113, section 8, may hold, for checking what peers send."""

_TOKEN = frozenset(b"!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz")
_OF_CONNECTION = frozenset(
    (b"connection", b"proxy-connection", b"keep-alive", b"transfer-encoding", b"upgrade", b"http2-settings"))


def is_interim(fields):
    return any(name == b":status" and value.startswith(b"1") for name, value in fields)


def problems(fields, is_request, is_trailer):
    """What is wrong with it, in words."""
    names = [name for name, _ in fields]
    pseudo = [name for name in names if name.startswith(b":")]
    if pseudo != names[:len(pseudo)]:
        yield "a pseudo-header field behind an ordinary one"
    if len(set(pseudo)) != len(pseudo):
        yield "a pseudo-header field twice"
    if is_trailer:
        if pseudo:
            yield f"pseudo-header fields in trailers: {pseudo}"
    elif is_request:
        yield from _request(dict(fields), set(pseudo))
    elif pseudo != [b":status"] or not _is_status(dict(fields)[b":status"]):
        yield f"a response must have one :status of three digits, got {fields[:3]}"
    for name, value in fields:
        if not name.startswith(b":") and (not name or not _TOKEN.issuperset(name)):
            yield f"the field name {name!r}"
        if set(value) & {0, 10, 13} or value[:1] in (b" ", b"\t") or value[-1:] in (b" ", b"\t"):
            yield f"the value {value!r} of {name!r}"
        if name in _OF_CONNECTION or name == b"te" and value.lower() != b"trailers":
            yield f"the field {name!r} of a connection: {value!r}"


def _is_status(value):
    return len(value) == 3 and value.isdigit() and value != b"101" and b"100" <= value


def _request(fields, pseudo):
    method = fields.get(b":method", b"")
    needed = {b":method", b":scheme", b":path"}
    if method == b"CONNECT":
        needed = {b":method", b":authority"} | ({b":scheme", b":path", b":protocol"} & pseudo)
    if not needed <= pseudo or not pseudo <= needed | {b":authority"}:
        yield f"the pseudo-header fields {sorted(pseudo)} of a request"
    if method != b"CONNECT" and not fields.get(b":path"):
        yield "an empty :path"
