"""A service that speaks HTTP/2 as no gRPC library would: `python -m suite.rough PORT`.

The last part of the path says what it does with a call; see `Rough`.
"""
import os
import socket
import struct
import sys
import threading

import h2.config
import h2.connection
import h2.errors
import h2.events
import h2.exceptions

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from suite.http2 import framed  # noqa: E402

GRPC = [(":status", "200"), ("content-type", "application/grpc")]
END = [("grpc-status", "0")]
refused, refusing = set(), threading.Lock()


class Rough:
    """One connection."""

    def __init__(self, connection):
        self.socket = connection
        self.h2 = h2.connection.H2Connection(h2.config.H2Configuration(client_side=False, header_encoding="utf-8"))
        self.paths, self.last = {}, None

    def run(self):
        try:
            self.h2.initiate_connection()
            self.socket.sendall(self.h2.data_to_send())
            while data := self.socket.recv(65536):
                for event in self.h2.receive_data(data):
                    self.take(event)
                self.socket.sendall(self.h2.data_to_send())
        except (OSError, h2.exceptions.ProtocolError):
            pass
        finally:
            self.socket.close()

    def take(self, event):
        if isinstance(event, h2.events.DataReceived):
            if event.stream_id in self.paths:
                self.h2.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
        elif self.last is not None and getattr(event, "stream_id", 0) > self.last:
            return
        elif isinstance(event, h2.events.RequestReceived):
            fields = dict(event.headers)
            self.paths[event.stream_id] = fields
            action = getattr(self, fields[":path"].rpartition("/")[2], None)
            if action:
                action(event.stream_id, fields)
        elif isinstance(event, h2.events.StreamEnded):
            fields = self.paths.get(event.stream_id, {})
            action = getattr(self, fields.get(":path", "").rpartition("/")[2] + "AtEnd", None)
            if action:
                action(event.stream_id, fields)

    def head(self, stream, fields=(), end=False):
        self.h2.send_headers(stream, GRPC + list(fields), end_stream=end)

    def Silent(self, stream, fields):
        """Never answers, whatever the deadline."""

    def reset(self, stream, code):
        self.h2.reset_stream(stream, code)
        del self.paths[stream]

    def ResetEarly(self, stream, fields):
        self.reset(stream, h2.errors.ErrorCodes.INTERNAL_ERROR)

    def RefusedOnce(self, stream, fields):
        """Refuses the first try of a name; the second is answered."""
        if self.is_first(fields):
            self.reset(stream, h2.errors.ErrorCodes.REFUSED_STREAM)

    def RefusedOnceAtEnd(self, stream, fields):
        self.SeenAtEnd(stream, fields)

    def UnavailableOnce(self, stream, fields):
        """Ends the first try of a name with UNAVAILABLE in trailers only; the second is answered."""
        if self.is_first(fields):
            self.head(stream, [("grpc-status", "14"), ("grpc-message", "not yet")], end=True)
        else:
            self.paths[stream] = {**fields, "answered": "yes"}

    def UnavailableOnceAtEnd(self, stream, fields):
        if "answered" in fields:
            self.SeenAtEnd(stream, fields)

    def Hold(self, stream, fields):
        """Begins to answer at once; the answer ends with the question."""
        self.head(stream)
        self.h2.send_data(stream, framed(b"begun"))

    def HoldAtEnd(self, stream, fields):
        self.h2.send_data(stream, framed(b"ended"))
        self.h2.send_headers(stream, END, end_stream=True)

    def GoAwayAtEnd(self, stream, fields):
        """Says GOAWAY: the streams up to this one are served, later ones ignored."""
        self.go_away(stream)
        self.SeenAtEnd(stream, fields)

    def IgnoredOnce(self, stream, fields):
        """Says GOAWAY and that it has not looked at this very stream; the second try is answered."""
        if self.is_first(fields):
            self.go_away(stream - 2)

    def IgnoredOnceAtEnd(self, stream, fields):
        self.SeenAtEnd(stream, fields)

    def go_away(self, last):
        """As bytes: the library would end the connection with it."""
        self.last = max(last, 0)
        self.socket.sendall(self.h2.data_to_send() + b"\0\0\x08\x07\0\0\0\0\0" + struct.pack(">II", self.last, 0))

    @staticmethod
    def is_first(fields):
        with refusing:
            first = fields["call-name"] not in refused
            refused.add(fields["call-name"])
        return first

    def ResetLate(self, stream, fields):
        """One message, then RST_STREAM."""
        self.head(stream)
        self.h2.send_data(stream, framed(b"half"))
        self.reset(stream, h2.errors.ErrorCodes.CANCEL)

    def CloseLate(self, stream, fields):
        """One message, then the connection ends."""
        self.head(stream)
        self.h2.send_data(stream, framed(b"half"))
        self.socket.sendall(self.h2.data_to_send())
        self.socket.shutdown(socket.SHUT_RDWR)

    def Html(self, stream, fields):
        self.h2.send_headers(stream, [(":status", "503"), ("content-type", "text/html")])
        self.h2.send_data(stream, b"<h1>busy</h1>", end_stream=True)

    def TrailersOnly(self, stream, fields):
        self.head(stream, [("grpc-status", "5"), ("grpc-message", "nothing%20here")], end=True)

    def NoStatus(self, stream, fields):
        self.head(stream)
        self.h2.send_data(stream, framed(b"whole"), end_stream=True)

    def EndsEarly(self, stream, fields):
        """Ends the call while the client still sends."""
        self.head(stream)
        self.h2.send_data(stream, framed(b"enough"))
        self.h2.send_headers(stream, END, end_stream=True)

    def SeenAtEnd(self, stream, fields):
        """Says what came as fields, named `seen-…`."""
        seen = [("seen-" + name.lstrip(":"), value) for name, value in fields.items()]
        self.head(stream, seen)
        self.h2.send_data(stream, framed(b"seen"))
        self.h2.send_headers(stream, END, end_stream=True)

    def ZippedAtEnd(self, stream, fields):
        """Answers with a compressed message."""
        self.head(stream, [("grpc-encoding", "gzip")])
        self.h2.send_data(stream, framed(b"z" * 10_000, compressed=True))
        self.h2.send_headers(stream, END, end_stream=True)


def main():
    listener = socket.create_server(("127.0.0.1", int(sys.argv[1])), backlog=512)
    while True:
        connection, _ = listener.accept()
        threading.Thread(target=Rough(connection).run, daemon=True).start()


if __name__ == "__main__":
    main()
