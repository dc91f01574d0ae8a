"""What cases are run against: where to connect, and the servers behind it."""
import itertools
import json
import os
import socket
import ssl
import urllib.request

from websockets.sync.client import connect

_names = itertools.count(1)


class Peer:
    """A target; `echo` and `events` are ports of the servers themselves."""

    def __init__(self, target, echo, events, ca=None, is_gateway=True):
        self.host, _, port = target.rpartition(":")
        self.port, self.echo, self.events, self.ca, self.is_gateway = int(port), echo, events, ca, is_gateway
        self.context = ssl.create_default_context(cafile=ca) if ca else None

    @staticmethod
    def name():
        return f"peer-{os.getpid()}-{next(_names)}"

    def connect(self, path="/ws/echo", **options):
        """A WebSocket. Behind gateways its path begins with `/ws`."""
        scheme, host = ("wss", "localhost") if self.ca else ("ws", self.host)
        path = path if self.is_gateway else path.removeprefix("/ws")
        return connect(
            f"{scheme}://{host}:{self.port}{path}", ssl=self.context, max_size=None, open_timeout=20,
            ping_interval=None, proxy=None, **options)

    def socket(self):
        """A plain connection, over TLS where the target wants that."""
        raw = socket.create_connection((self.host, self.port), timeout=20)
        return self.context.wrap_socket(raw, server_hostname="localhost") if self.context else raw

    def fate(self, name):
        """What the WebSocket server says of a connection; nothing when it has not seen it."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.echo}/fates", timeout=20) as answer:
            return json.load(answer).get(name)

    def event_server(self, method, target):
        """Asks the server of events itself."""
        request = urllib.request.Request(f"http://127.0.0.1:{self.events}{target}", method=method)
        with urllib.request.urlopen(request, timeout=20) as answer:
            return answer.read().decode()
