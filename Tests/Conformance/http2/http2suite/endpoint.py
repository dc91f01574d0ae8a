"""One end of a connection: sends what it is told, and records and checks what the peer sends."""

import select
import socket
import ssl
import struct
import time

from . import fields as field_rules
from . import hpack
from .frames import *


class Stream:
    """What the peer has sent on one stream."""

    def __init__(self):
        #: Field blocks in order: interim responses, the final head, trailers.
        self.blocks = []
        self.body = bytearray()
        self.is_ended = False
        #: The codes of its RST_STREAM frames: more may come when more came on the closed stream.
        self.resets = []

    @property
    def reset(self):
        """The code of its first RST_STREAM; None when there is none."""
        return self.resets[0] if self.resets else None

    @property
    def status(self):
        """The last status that came, a number; None before."""
        statuses = [value for fields in self.blocks for name, value in fields if name == b":status"]
        return int(statuses[-1]) if statuses and statuses[-1].isdigit() else None


class Endpoint:
    """The suite's end. It never corrects what a case sends; it acknowledges SETTINGS by itself."""

    def __init__(self, sock, is_client):
        self.sock = sock
        self.is_client = is_client
        #: The stream that a case is about, unless it says another.
        self.number = 1
        self.buffer = b""
        self.decoder = hpack.Decoder()
        self.streams = {}
        #: `(last stream, code, debug data)` of each GOAWAY.
        self.goaways = []
        self.settings = {}
        self.settings_frames = 0
        self.acknowledgements = 0
        self.pongs = []
        self.pings = []
        #: Credit that the peer has given, by stream; 0 is the connection.
        self.credit = {}
        self.is_closed = False
        self.acknowledges = True
        #: Where credit is returned as bytes come.
        self.returns_credit = False
        #: What no case may see a peer do.
        self.violations = []
        self.highest = 0
        self.frames = []
        #: What expectations remember, by expectation.
        self.notes = {}
        self._sent_settings = []
        self._window = DEFAULT_WINDOW
        self._windows = {}
        self._initial_window = self._largest_initial_window = DEFAULT_WINDOW
        self._max_frame = DEFAULT_FRAME
        self._open_block = None

    # Sending

    def send(self, *frames):
        """Sends frames as they are, in one write. A connection that the peer has closed takes nothing."""
        for one in frames:
            self._note_sent(one)
        self.send_octets(b"".join(frames))

    def send_octets(self, octets):
        if self.is_closed:
            return
        try:
            self.sock.settimeout(10)
            self.sock.sendall(octets)
        except OSError:
            self._receive_rest()

    def _note_sent(self, one):
        if len(one) < 9:
            return
        kind, flags, stream = one[3], one[4], struct.unpack(">I", one[5:9])[0] & MAX_WINDOW
        if kind == HEADERS and stream % 2 == (1 if self.is_client else 0):
            self.highest = max(self.highest, stream)
        elif kind == WINDOW_UPDATE and len(one) == 13:
            increment = struct.unpack(">I", one[9:])[0] & MAX_WINDOW
            if stream == 0:
                self._window += increment
            else:
                self._windows[stream] = self._windows.get(stream, self._initial_window) + increment
        elif kind == SETTINGS and not flags & ACK and len(one) % 6 == 3:
            pairs = [struct.unpack(">HI", one[at:at + 6]) for at in range(9, len(one), 6)]
            self._sent_settings.append(pairs)
            for name, value in pairs:
                if name == MAX_FRAME_SIZE:
                    self._max_frame = max(self._max_frame, value)
                elif name == INITIAL_WINDOW_SIZE:
                    # Until it is acknowledged the peer may still use the old one.
                    self._largest_initial_window = max(self._initial_window, value)
                elif name == HEADER_TABLE_SIZE and value > self.decoder.limit:
                    self.decoder.allow(value)

    # Receiving

    def run(self, until, within):
        """Reads until `until()` holds, the peer has closed, or `within` seconds have passed; whether it holds."""
        deadline = time.monotonic() + within
        while not until():
            if self.is_closed or not self._receive(deadline) or time.monotonic() >= deadline:
                return bool(until())
        return True

    def _receive(self, deadline):
        """One read; False when nothing came in time."""
        pending = isinstance(self.sock, ssl.SSLSocket) and self.sock.pending()
        left = deadline - time.monotonic()
        if not pending:
            if not select.select([self.sock], [], [], max(left, 0))[0]:
                return False
        try:
            self.sock.settimeout(max(left, 0.01))
            octets = self.sock.recv(1 << 16)
        except (TimeoutError, ssl.SSLWantReadError):
            return True
        except OSError:
            octets = b""
        if not octets:
            self.is_closed = True
            return True
        self.buffer += octets
        self._read_frames()
        return True

    def _receive_rest(self):
        """Takes in what came before the peer closed."""
        deadline = time.monotonic() + 1
        while not self.is_closed and self._receive(deadline):
            pass
        self.is_closed = True

    def _read_frames(self):
        at = 0
        while len(self.buffer) - at >= 9:
            size = int.from_bytes(self.buffer[at:at + 3], "big")
            if len(self.buffer) - at < 9 + size:
                break
            kind, flags, stream = struct.unpack(">BBI", self.buffer[at + 3:at + 9])
            payload = self.buffer[at + 9:at + 9 + size]
            at += 9 + size
            if stream >> 31:
                self._violation("4.1", "the reserved bit is set")
            self._take(Frame(kind, flags, stream & MAX_WINDOW, payload))
        self.buffer = self.buffer[at:]

    def _violation(self, section, text):
        self.violations.append(f"{text} (section {section})")

    def _take(self, frame):
        self.frames.append(frame)
        if len(self.frames) == 1 and (frame.type != SETTINGS or frame.flags & ACK):
            self._violation("3.4", f"its first frame is {frame}, not SETTINGS")
        if len(frame.payload) > self._max_frame:
            self._violation("4.2", f"{frame} is longer than {self._max_frame}")
        if self._open_block and (frame.type != CONTINUATION or frame.stream != self._open_block[0]):
            self._violation("4.3", f"{frame} within a field block")
        take = {
            DATA: self._take_data, HEADERS: self._take_headers, RST_STREAM: self._take_reset,
            SETTINGS: self._take_settings, PUSH_PROMISE: self._take_promise, PING: self._take_ping,
            GOAWAY: self._take_goaway, WINDOW_UPDATE: self._take_credit, CONTINUATION: self._take_continuation,
        }.get(frame.type)
        if take:
            take(frame)

    def _stream(self, frame):
        if frame.stream == 0:
            self._violation("5.1.1", f"{frame} belongs to a stream")
        stream = self.streams.get(frame.stream)
        if stream is None:
            stream = self.streams[frame.stream] = Stream()
            if self.is_client and frame.stream > self.highest:
                self._violation("5.1", f"{frame} on a stream that nobody opened")
            elif not self.is_client and (frame.stream % 2 == 0 or frame.stream < max(self.streams)):
                self._violation("5.1.1", f"{frame} opens a stream out of order")
        if stream.reset is not None and frame.type != RST_STREAM:
            self._violation("5.4.2", f"{frame} behind its own RST_STREAM")
        elif stream.is_ended and frame.type in (DATA, HEADERS):
            self._violation("5.1", f"{frame} behind END_STREAM")
        return stream

    def _take_data(self, frame):
        stream, size = self._stream(frame), len(frame.payload)
        if not stream.blocks:
            self._violation("8.1", f"{frame} before HEADERS")
        payload = frame.payload
        if frame.flags & PADDED:
            payload = payload[1:len(payload) - payload[0]] if payload else b""
        stream.body += payload
        stream.is_ended = stream.is_ended or bool(frame.flags & END_STREAM)
        self._window -= size
        window = self._windows.get(frame.stream, self._largest_initial_window) - size
        self._windows[frame.stream] = window
        if size and self._window < 0:
            self._violation("5.2.1", f"{-self._window} bytes beyond the connection's window")
        if size and window < 0:
            self._violation("5.2.1", f"{-window} bytes beyond the window of stream {frame.stream}")
        if self.returns_credit and size:
            self.send(window_update(0, size), *([] if stream.is_ended else [window_update(frame.stream, size)]))

    def _take_headers(self, frame):
        stream, block = self._stream(frame), frame.payload
        if frame.flags & PADDED:
            block = block[1:len(block) - block[0]] if block else b""
        if frame.flags & PRIORITISED:
            block = block[5:]
        self._open_block = (frame.stream, stream, bytearray(block), bool(frame.flags & END_STREAM))
        if frame.flags & END_HEADERS:
            self._take_block()

    def _take_continuation(self, frame):
        if not self._open_block:
            self._violation("6.10", f"{frame} without a field block before it")
            return
        self._open_block[2].extend(frame.payload)
        if frame.flags & END_HEADERS:
            self._take_block()

    def _take_block(self):
        number, stream, block, is_last = self._open_block
        self._open_block = None
        try:
            fields = self.decoder.decode(bytes(block))
        except hpack.DecodingError as error:
            self._violation("RFC 7541", f"field block of stream {number}: {error}")
            return
        is_trailer = any(not field_rules.is_interim(fields) for fields in stream.blocks)
        for text in field_rules.problems(fields, is_request=not self.is_client, is_trailer=is_trailer):
            self._violation("8", f"stream {number}: {text}")
        stream.blocks.append(fields)
        stream.is_ended = stream.is_ended or is_last

    def _take_reset(self, frame):
        if frame.stream == 0 or len(frame.payload) != 4:
            self._violation("6.4", f"{frame}")
            return
        self._stream(frame).resets.append(struct.unpack(">I", frame.payload)[0])

    def _take_settings(self, frame):
        if frame.stream or len(frame.payload) % 6 or (frame.flags & ACK and frame.payload):
            self._violation("6.5", f"{frame}")
            return
        if frame.flags & ACK:
            self.acknowledgements += 1
            for name, value in self._sent_settings.pop(0) if self._sent_settings else []:
                if name == INITIAL_WINDOW_SIZE:
                    self._apply_initial_window(value)
                elif name == HEADER_TABLE_SIZE and value < self.decoder.limit:
                    self.decoder.allow(value)
            return
        self.settings_frames += 1
        for at in range(0, len(frame.payload), 6):
            name, value = struct.unpack(">HI", frame.payload[at:at + 6])
            self.settings[name] = value
            if (name == ENABLE_PUSH and (value > 1 or self.is_client and value)
                    or name == INITIAL_WINDOW_SIZE and value > MAX_WINDOW
                    or name == MAX_FRAME_SIZE and not DEFAULT_FRAME <= value < 1 << 24):
                self._violation("6.5.2", f"setting {name:#x} has the value {value}")
        if self.acknowledges:
            self.send(settings(ack=True))

    def _apply_initial_window(self, value):
        for number, window in self._windows.items():
            self._windows[number] = window + value - self._initial_window
        self._initial_window = self._largest_initial_window = value

    def _take_promise(self, frame):
        self._violation("6.6", f"{frame}, though push was never enabled")

    def _take_ping(self, frame):
        if frame.stream or len(frame.payload) != 8:
            self._violation("6.7", f"{frame}")
        (self.pongs if frame.flags & ACK else self.pings).append(frame.payload)
        if not frame.flags & ACK and self.acknowledges:
            self.send(ping(frame.payload, ack=True))

    def _take_goaway(self, frame):
        if frame.stream or len(frame.payload) < 8:
            self._violation("6.8", f"{frame}")
            return
        last, code = struct.unpack(">II", frame.payload[:8])
        last &= MAX_WINDOW
        if self.goaways and last > self.goaways[-1][0]:
            self._violation("6.8", f"GOAWAY raises the last stream from {self.goaways[-1][0]} to {last}")
        self.goaways.append((last, code, frame.payload[8:]))

    def _take_credit(self, frame):
        increment = struct.unpack(">I", frame.payload)[0] & MAX_WINDOW if len(frame.payload) == 4 else 0
        if not increment:
            self._violation("6.9", f"{frame} without an increment")
        self.credit[frame.stream] = self.credit.get(frame.stream, 0) + increment

    def close(self):
        try:
            self.sock.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        try:
            self.sock.close()
        except OSError:
            pass

    # What was seen

    def seen(self):
        """All that matters of it, in words."""
        parts = [f"GOAWAY {error_name(code)} (last stream {last}{', ' + repr(debug) if debug else ''})"
                 for last, code, debug in self.goaways]
        for number, stream in sorted(self.streams.items()):
            if stream.status is not None:
                parts.append(f"stream {number}: status {stream.status}" + (", ended" if stream.is_ended else ""))
            elif stream.blocks or stream.is_ended:
                parts.append(f"stream {number}: {len(stream.blocks)} field blocks"
                             + (", ended" if stream.is_ended else ""))
            if stream.reset is not None:
                parts.append(f"stream {number}: RST_STREAM {error_name(stream.reset)}")
        parts.append("closed" if self.is_closed else "still open")
        return "; ".join(parts)
