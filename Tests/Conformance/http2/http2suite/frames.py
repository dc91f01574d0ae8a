"""Frames of RFC 9113 as bytes, right or wrong: nothing here refuses to build a broken one."""

import struct
from typing import NamedTuple

DATA, HEADERS, PRIORITY, RST_STREAM, SETTINGS, PUSH_PROMISE, PING, GOAWAY, WINDOW_UPDATE, CONTINUATION = range(10)
TYPES = ("DATA", "HEADERS", "PRIORITY", "RST_STREAM", "SETTINGS", "PUSH_PROMISE", "PING", "GOAWAY",
         "WINDOW_UPDATE", "CONTINUATION")

END_STREAM, ACK, END_HEADERS, PADDED, PRIORITISED = 0x1, 0x1, 0x4, 0x8, 0x20

ERRORS = ("NO_ERROR", "PROTOCOL_ERROR", "INTERNAL_ERROR", "FLOW_CONTROL_ERROR", "SETTINGS_TIMEOUT",
          "STREAM_CLOSED", "FRAME_SIZE_ERROR", "REFUSED_STREAM", "CANCEL", "COMPRESSION_ERROR",
          "CONNECT_ERROR", "ENHANCE_YOUR_CALM", "INADEQUATE_SECURITY", "HTTP_1_1_REQUIRED")
(NO_ERROR, PROTOCOL_ERROR, INTERNAL_ERROR, FLOW_CONTROL_ERROR, SETTINGS_TIMEOUT, STREAM_CLOSED,
 FRAME_SIZE_ERROR, REFUSED_STREAM, CANCEL, COMPRESSION_ERROR, CONNECT_ERROR, ENHANCE_YOUR_CALM,
 INADEQUATE_SECURITY, HTTP_1_1_REQUIRED) = range(14)

HEADER_TABLE_SIZE, ENABLE_PUSH, MAX_CONCURRENT_STREAMS, INITIAL_WINDOW_SIZE, MAX_FRAME_SIZE, \
    MAX_HEADER_LIST_SIZE = range(1, 7)
ENABLE_CONNECT_PROTOCOL = 8

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
DEFAULT_WINDOW = 65535
DEFAULT_FRAME = 16384
MAX_WINDOW = 2**31 - 1


class Frame(NamedTuple):
    """One frame as it came."""

    type: int
    flags: int
    stream: int
    payload: bytes

    def __str__(self):
        name = TYPES[self.type] if self.type < len(TYPES) else f"type {self.type:#x}"
        return f"{name}(stream {self.stream}, flags {self.flags:#x}, {len(self.payload)} bytes)"


def error_name(code):
    return ERRORS[code] if code < len(ERRORS) else f"error {code:#x}"


def frame(type, flags, stream, payload=b"", length=None, reserved=0):
    """Any frame; `length` lies about the payload, `reserved` sets the bit before the stream identifier."""
    size = len(payload) if length is None else length
    return struct.pack(">I", size)[1:] + struct.pack(">BBI", type, flags, stream | reserved << 31) + payload


def padded(payload, padding, declared=None, filler=b"\0"):
    """A payload with `padding` bytes behind it; `declared` lies about their number."""
    return bytes([padding if declared is None else declared]) + payload + filler * padding


def data(stream, payload=b"", end=False, flags=0):
    return frame(DATA, flags | (END_STREAM if end else 0), stream, payload)


def headers(stream, block, end=True, flags=END_HEADERS):
    return frame(HEADERS, flags | (END_STREAM if end else 0), stream, block)


def continuation(stream, block, end=True, flags=0):
    return frame(CONTINUATION, flags | (END_HEADERS if end else 0), stream, block)


def priority_fields(depends_on=0, weight=15, exclusive=False):
    return struct.pack(">IB", depends_on | (1 << 31 if exclusive else 0), weight)


def priority(stream, depends_on=0, weight=15):
    return frame(PRIORITY, 0, stream, priority_fields(depends_on, weight))


def rst_stream(stream, code=CANCEL):
    return frame(RST_STREAM, 0, stream, struct.pack(">I", code))


def settings(*pairs, ack=False, stream=0):
    """SETTINGS with `(identifier, value)` pairs in this order."""
    return frame(SETTINGS, ACK if ack else 0, stream, b"".join(struct.pack(">HI", *pair) for pair in pairs))


def ping(payload=b"8 octets", ack=False, stream=0, flags=0):
    return frame(PING, flags | (ACK if ack else 0), stream, payload)


def goaway(last=0, code=NO_ERROR, debug=b"", stream=0):
    return frame(GOAWAY, 0, stream, struct.pack(">II", last, code) + debug)


def window_update(stream, increment):
    return frame(WINDOW_UPDATE, 0, stream, struct.pack(">I", increment))


def push_promise(stream, promised, block, flags=END_HEADERS):
    return frame(PUSH_PROMISE, flags, stream, struct.pack(">I", promised) + block)
