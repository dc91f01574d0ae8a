"""Server-sent events, long polls and uploads: nothing is held back on the way."""
from harness.cases import case, eventually, same


class Response:
    """A response as it arrives on a raw connection: chunked, or with its length."""

    def __init__(self, raw):
        self.raw, self.rest = raw, b""
        lines = self.until(b"\r\n\r\n").decode().split("\r\n")
        self.status = int(lines[0].split(" ")[1])
        self.fields = dict(line.lower().split(": ", 1) for line in lines[1:] if ": " in line)

    def more(self):
        data = self.raw.recv(65536)
        if not data:
            raise AssertionError(f"the connection ended; left: {self.rest!r}")
        self.rest += data

    def until(self, mark):
        while mark not in self.rest:
            self.more()
        found, _, self.rest = self.rest.partition(mark)
        return found

    def chunk(self):
        """The next chunk; nothing at the end."""
        size = int(self.until(b"\r\n"), 16)
        while len(self.rest) < size + 2:
            self.more()
        found, self.rest = self.rest[:size], self.rest[size + 2:]
        return found

    def body(self):
        length = int(self.fields["content-length"])
        while len(self.rest) < length:
            self.more()
        found, self.rest = self.rest[:length], self.rest[length:]
        return found


def get(peer, target):
    raw = peer.socket()
    raw.sendall(f"GET {target} HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n\r\n".encode())
    return raw


def event(response):
    """The next event; chunks may be cut anew on the way."""
    text = b""
    while not text.endswith(b"\n\n"):
        text += response.chunk()
    return text.decode()


@case("events")
def events_are_not_held_back(peer):
    """Each event arrives before the service is told to send the next one"""
    name = peer.name()
    response = Response(get(peer, f"/events?name={name}&count=20"))
    same(response.fields.get("content-type"), "text/event-stream", "content-type")
    for number in range(20):
        peer.event_server("POST", f"/release?name={name}")
        same(event(response), f"id: {number}\ndata: event {number}\n\n", "event")
    same(response.chunk(), b"", "end")
    response.raw.close()


@case("events")
def head_of_events_comes_first(peer):
    """The head arrives before there is an event"""
    name = peer.name()
    response = Response(get(peer, f"/events?name={name}&count=1"))
    same((response.status, response.rest), (200, b""), "head, and what is behind it")
    response.raw.close()


@case("events")
def client_leaves(peer):
    """When the client of a stream leaves, the service is told, at the latest when it goes on sending"""
    name = peer.name()
    response = Response(get(peer, f"/events?name={name}&count=1000"))
    peer.event_server("POST", f"/release?name={name}")
    event(response)
    response.raw.close()

    def told():
        peer.event_server("POST", f"/release?name={name}")
        return peer.event_server("GET", f"/fate?name={name}") == "left"

    eventually(told, "the service is told")


@case("events")
def long_poll(peer):
    """A response that waits arrives when the service gives it, and the connection serves the next"""
    raw = None
    for _ in range(3):
        name = peer.name()
        target = f"/poll?name={name}"
        if raw is None:
            raw = get(peer, target)
        else:
            raw.sendall(f"GET {target} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        eventually(lambda: peer.event_server("GET", f"/fate?name={name}") == "open", "the service has it")
        peer.event_server("POST", f"/release?name={name}")
        same(Response(raw).body(), b"done", "body")
    raw.close()


@case("events")
def uploads_are_not_held_back(peer):
    """Each piece of a body reaches the service before the client sends the next one"""
    name = peer.name()
    raw = peer.socket()
    raw.sendall(f"POST /upload?name={name} HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n".encode())
    for number in range(1, 11):
        raw.sendall(b"64\r\n" + b"u" * 100 + b"\r\n")
        eventually(
            lambda: peer.event_server("GET", f"/taken?name={name}") == str(100 * number), f"piece {number} is there")
    raw.sendall(b"0\r\n\r\n")
    same(Response(raw).body(), b"done", "body")
    raw.close()
