"""HTTP/2 as plain events, for what a gRPC library hides: a client for one call, and framing of messages."""
import gzip
import socket
import ssl
import struct

import h2.config
import h2.connection
import h2.errors
import h2.events


def framed(payload, compressed=False):
    """A gRPC message on the wire."""
    body = gzip.compress(payload) if compressed else payload
    return struct.pack(">BI", 1 if compressed else 0, len(body)) + body


def unframed(data):
    """The messages in a body: (flags, payload as it is on the wire)."""
    found = []
    while data:
        flags, length = struct.unpack(">BI", data[:5])
        if len(data) < 5 + length:
            raise AssertionError(f"a message of {length} bytes ends after {len(data) - 5}")
        found.append((flags, data[5:5 + length]))
        data = data[5 + length:]
    return found


class Answer:
    """What came back for one call."""

    def __init__(self):
        self.headers, self.data, self.trailers, self.reset, self.closed = None, b"", None, None, False
        self.headers_ended = False

    @property
    def status(self):
        return (self.headers or {}).get(":status")

    @property
    def is_trailers_only(self):
        """Headers that end the stream, as an error without a message is to be sent."""
        return self.headers_ended and not self.data and self.trailers is None

    @property
    def ended(self):
        return {**(self.headers or {}), **(self.trailers or {})}

    def __repr__(self):
        return (f"headers {self.headers}, {len(self.data)} bytes of data, trailers {self.trailers}, "
                f"reset {self.reset}, closed {self.closed}")


class Connection:
    """One connection of a client; calls on it one after the other, or several at once."""

    def __init__(self, target, ca=None, timeout=20):
        host, _, port = target.rpartition(":")
        self.socket = socket.create_connection((host, int(port)), timeout=timeout)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.scheme = "https" if ca else "http"
        if ca:
            context = ssl.create_default_context(cafile=ca)
            context.set_alpn_protocols(["h2"])
            self.socket = context.wrap_socket(self.socket, server_hostname="localhost")
        self.h2 = h2.connection.H2Connection(h2.config.H2Configuration(header_encoding="utf-8"))
        self.h2.initiate_connection()
        self.answers, self.pongs, self.goaway = {}, [], None
        self.send()

    def send(self):
        data = self.h2.data_to_send()
        if data:
            self.socket.sendall(data)

    def begin(self, path, fields=(), body=None, end=True, content_type="application/grpc"):
        """Sends a call's head, and its body when it is known; returns the stream."""
        stream = self.h2.get_next_available_stream_id()
        head = [(":method", "POST"), (":scheme", self.scheme), (":path", path),
                (":authority", "conformance.test"), ("te", "trailers"), ("content-type", content_type), ("user-agent", "grpc-conformance/1")]
        self.h2.send_headers(stream, head + list(fields), end_stream=end and body is None)
        self.answers[stream] = Answer()
        if body is not None:
            self.h2.send_data(stream, body, end_stream=end)
        self.send()
        return stream

    def read(self):
        """Takes in what comes next; false when the connection is over."""
        data = self.socket.recv(65536)
        if not data:
            for answer in self.answers.values():
                answer.closed = True
            return False
        for event in self.h2.receive_data(data):
            self.take(event)
        self.send()
        return True

    def take(self, event):
        answer = self.answers.get(getattr(event, "stream_id", None))
        if isinstance(event, h2.events.PingAckReceived):
            self.pongs.append(event.ping_data)
        elif isinstance(event, h2.events.ConnectionTerminated):
            self.goaway = event.error_code
        elif answer is None:
            return
        elif isinstance(event, h2.events.ResponseReceived):
            answer.headers = dict(event.headers)
            answer.headers_ended = event.stream_ended is not None
        elif isinstance(event, h2.events.DataReceived):
            answer.data += event.data
            self.h2.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
        elif isinstance(event, h2.events.TrailersReceived):
            answer.trailers = dict(event.headers)
        elif isinstance(event, h2.events.StreamReset):
            answer.reset, answer.closed = event.error_code, True
        elif isinstance(event, h2.events.StreamEnded):
            answer.closed = True

    def finish(self, stream):
        """Reads until the call is over."""
        answer = self.answers[stream]
        while not answer.closed:
            self.read()
        return answer

    def until(self, condition):
        """Reads until something holds."""
        while not condition():
            if not self.read():
                raise AssertionError("the connection ended")

    def ping(self, payload):
        """Sends PING and waits for its answer."""
        self.h2.ping(payload)
        self.send()
        self.until(lambda: payload in self.pongs)

    def close(self):
        self.socket.close()


def call(peer, path, fields=(), body=b"", end=True, **options):
    """One call on a connection of its own, to its end."""
    connection = Connection(peer.target, peer.ca)
    try:
        return connection.finish(connection.begin(path, fields, framed(body), end=end, **options))
    finally:
        connection.close()
