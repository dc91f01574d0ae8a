"""A client's end towards the peer, and what cases do with it again and again."""

import socket
import ssl
from typing import NamedTuple

from . import hpack
from .case import Failed, Skipped
from .endpoint import Endpoint
from .frames import *


class Target(NamedTuple):
    """Where the peer listens, and how it is asked."""

    host: str
    port: int
    is_tls: bool = False
    authority: str = "example.test"
    #: Seconds until a peer that does nothing has failed.
    timeout: float = 3
    #: What the service behind it can do; see origin.py.
    features: frozenset = frozenset()

    def connect(self, protocols=("h2",), version=None):
        """A socket to it, through TLS with these ALPN protocols where it speaks TLS."""
        sock = socket.create_connection((self.host, self.port), timeout=self.timeout)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if not self.is_tls:
            return sock
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        if protocols:
            context.set_alpn_protocols(list(protocols))
        if version:
            context.minimum_version = context.maximum_version = version
        return context.wrap_socket(sock, server_hostname=self.authority)


class Client(Endpoint):
    """A connection to the peer's server."""

    def __init__(self, target, sock=None):
        super().__init__(sock or target.connect(), is_client=True)
        self.target = target
        if target.is_tls and self.sock.selected_alpn_protocol() != "h2":
            raise Failed(f"ALPN chose {self.sock.selected_alpn_protocol()}, not h2 (RFC 9113 3.3)")

    # The beginning

    def handshake(self, *pairs, window=None):
        """Preface and SETTINGS of both sides, acknowledged. Push is off, and `pairs` are sent besides."""
        self.send_octets(PREFACE)
        self.send(settings((ENABLE_PUSH, 0), *pairs))
        if window:
            self.send(window_update(0, window))
        if not self.run(lambda: self.settings_frames and self.acknowledgements, self.target.timeout):
            raise Failed(f"no SETTINGS, or no acknowledgement: {self.seen()}")

    def announce(self, *pairs):
        """Sends SETTINGS and waits for their acknowledgement."""
        wanted = self.acknowledgements + 1
        self.send(settings(*pairs))
        self.wait(lambda: self.acknowledgements >= wanted, "SETTINGS were not acknowledged")

    def sync(self):
        """Waits until the peer has read all that was sent."""
        wanted = len(self.pongs) + 1
        self.send(ping(b"in sync?"))
        self.wait(lambda: len(self.pongs) >= wanted, "PING was not answered")

    # Requests

    def request(self, path="/", method="GET", *more, drop=(), **replaced):
        """The fields of a request; `drop` leaves pseudo-header fields out, `replaced` changes their values."""
        scheme = "https" if self.target.is_tls else "http"
        fields = [("method", method), ("scheme", scheme), ("path", path), ("authority", self.target.authority)]
        pseudo = [(":" + name, replaced.get(name, value)) for name, value in fields if name not in drop]
        return pseudo + list(more)

    def block(self, *args, **kwargs):
        return hpack.block(self.request(*args, **kwargs))

    def get(self, stream=1, path="/", *more):
        """Sends a whole request without body."""
        self.send(headers(stream, self.block(path, "GET", *more)))

    def post(self, stream=1, path="/echo", *more):
        """Opens a request whose body is still to come."""
        self.send(headers(stream, self.block(path, "POST", *more), end=False))

    def probe(self):
        """A PING and, when a stream is left, a request on it; its stream, or 0."""
        self.send(ping(b"go on..?"))
        stream = self.highest + 2 if self.highest else 1
        if stream >= MAX_WINDOW:
            return 0
        self.send(headers(stream, self.block("/")), window_update(stream, DEFAULT_WINDOW))
        return stream

    def upload(self, stream, octets, end=True, size=DEFAULT_FRAME):
        """Sends a body, never more than the peer has given credit for."""
        initial = self.settings.get(INITIAL_WINDOW_SIZE, DEFAULT_WINDOW)
        sent = {0: 0, stream: 0}
        for at in range(0, len(octets), size):
            piece = octets[at:at + size]
            self.wait(
                lambda: all(base + self.credit.get(number, 0) - sent[number] >= len(piece)
                            for number, base in ((0, DEFAULT_WINDOW), (stream, initial))),
                f"no credit for {len(piece)} bytes behind {at}")
            self.send(data(stream, piece, end and at + size >= len(octets)))
            sent[0] += len(piece)
            sent[stream] += len(piece)

    # Waiting

    def wait(self, until, otherwise, within=None):
        """Reads until it holds.

        Raises `Failed` with `otherwise` when it does not come to hold.
        """
        if not self.run(until, within or self.target.timeout):
            raise Failed(f"{otherwise}: {self.seen()}")

    def response(self, stream=1):
        """The whole response on a stream."""
        def is_over():
            target = self.streams.get(stream)
            return target is not None and (target.is_ended or target.reset is not None)

        self.wait(is_over, f"no response on stream {stream}")
        return self.streams[stream]

    def head(self, stream=1):
        """The response on a stream, its head at least."""
        self.wait(lambda: stream in self.streams and self.streams[stream].blocks, f"no head on stream {stream}")
        return self.streams[stream]

    def need_setting(self, name, default):
        value = self.settings.get(name, default)
        if value is None:
            raise Skipped("the peer does not announce the setting")
        return value


def check(holds, otherwise):
    if not holds:
        raise Failed(otherwise)
