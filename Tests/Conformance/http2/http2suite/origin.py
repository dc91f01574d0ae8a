"""The service behind the peer, HTTP/1.1: `python3 -m http2suite.origin [PORT]` prints where it listens.

| path | what it does |
| --- | --- |
| `/` | 200 with a few bytes |
| `/big` | 200 with 256 KiB |
| `/echo` | reads the request, then tells what it got as JSON |
| `/early` | answers before it reads the body |
| `/hold` | reads no body and never answers |
| `/wait` | reads the request and never answers |
| `/hop` | fields of its own connection, capitals and chunks in the response |
| `/trailers` | a response with trailers |
| `/hints` | 103, then 200 |
| `/status/NNN` | that status without a body |
| `/socket` | switches to `websocket` and sends back what comes |
| `/seen/KEY` | how many requests have come whose target ends with KEY; `KEY-whole` counts those that came whole |
"""

import base64
import hashlib
import json
import select
import socketserver
import sys
import threading

FEATURES = frozenset(("echo", "early", "hold", "hop", "trailers", "hints", "status", "socket", "seen"))


class _Request:
    def __init__(self, head):
        lines = head.decode("latin-1").split("\r\n")
        self.method, self.target, self.version = lines[0].split(" ", 2)
        self.fields = [[name, value.strip()] for name, _, value in (line.partition(":") for line in lines[1:])]
        self.body, self.trailers = 0, []

    def get(self, name):
        return ", ".join(value for key, value in self.fields if key.lower() == name)


class Handler(socketserver.StreamRequestHandler):
    disable_nagle_algorithm = True

    def handle(self):
        try:
            while self._one():
                pass
        except (OSError, ValueError, IndexError):
            pass

    def _one(self):
        head = bytearray()
        while not head.endswith(b"\r\n\r\n"):
            line = self.rfile.readline(65536)
            if not line:
                return False
            head += line
        request = _Request(bytes(head[:-4]))
        if not request.target.startswith("/seen/"):
            self.server.note(request.target)
        path = request.target.split("?")[0]
        if path == "/hold":
            self._wait_for_end()
            return False
        if path == "/early":
            self._send(200, b"early\n")
            self._read_body(request)
            return True
        if path == "/socket" and request.get("upgrade").lower() == "websocket":
            return self._echo(request)
        self._read_body(request)
        self.server.note(request.target + "-whole")
        if path == "/wait":
            self._wait_for_end()
            return False
        self._answer(request, path)
        return "close" not in request.get("connection").lower()

    def _answer(self, request, path):
        is_head = request.method == "HEAD"
        if path == "/big":
            self._send(200, b"0123456789abcdef" * 16384, is_head=is_head)
        elif path == "/echo":
            told = {"method": request.method, "target": request.target, "fields": request.fields,
                    "body": request.body, "trailers": request.trailers}
            self._send(200, json.dumps(told).encode(), is_head=is_head)
        elif path == "/hop":
            self.wfile.write(
                b"HTTP/1.1 200 OK\r\nConnection: keep-alive, X-Hop\r\nKeep-Alive: timeout=5\r\nX-Hop: 1\r\n"
                b"Proxy-Connection: keep-alive\r\nTransfer-Encoding: chunked\r\nUpgrade: h2c\r\nX-Capitals: Kept\r\n\r\n"
                b"5\r\nhello\r\n0\r\n\r\n")
        elif path == "/trailers":
            self.wfile.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n"
                             b"5\r\nhello\r\n0\r\nX-Sum: 5\r\n\r\n")
        elif path == "/hints":
            self.wfile.write(b"HTTP/1.1 103 Early Hints\r\nLink: </style.css>\r\n\r\n")
            self._send(200, b"hints\n", is_head=is_head)
        elif path.startswith("/status/"):
            self.wfile.write(f"HTTP/1.1 {path[8:]} Whatever\r\nX-Sized: no\r\n\r\n".encode())
        elif path.startswith("/seen/"):
            self._send(200, str(self.server.count(path[6:])).encode())
        else:
            self._send(200, b"hello from the origin\n", is_head=is_head)

    def _send(self, status, body, is_head=False):
        head = f"HTTP/1.1 {status} OK\r\nContent-Type: text/plain\r\nContent-Length: {len(body)}\r\n\r\n"
        self.wfile.write(head.encode() + (b"" if is_head else body))

    def _read_body(self, request):
        if "chunked" in request.get("transfer-encoding").lower():
            while size := int(self.rfile.readline().split(b";")[0], 16):
                request.body += len(self.rfile.read(size))
                self.rfile.readline()
            while (line := self.rfile.readline()) not in (b"\r\n", b""):
                request.trailers.append(line.decode("latin-1").strip())
        elif length := request.get("content-length"):
            left = int(length)
            while left and (piece := self.rfile.read1(min(left, 65536))):
                left -= len(piece)
                request.body += len(piece)
            if left:
                raise ValueError("the request ended early")

    def _wait_for_end(self):
        """Until the peer closes; the body is left in the socket."""
        self.connection.settimeout(60)
        self.server.wait_for_end(self.connection)

    @staticmethod
    def _accept(key):
        return base64.b64encode(hashlib.sha1(key.encode() + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest())

    def _echo(self, request):
        self.wfile.write(b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                         b"Sec-WebSocket-Accept: " + self._accept(request.get("sec-websocket-key")) + b"\r\n\r\n")
        while octets := self.connection.recv(65536):
            self.wfile.write(octets)
        return False


class Origin(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 1024

    def __init__(self, port=0):
        self._lock = threading.Lock()
        self._targets = []
        super().__init__(("127.0.0.1", port), Handler)

    @property
    def port(self):
        return self.server_address[1]

    def note(self, target):
        if "?" in target:
            with self._lock:
                self._targets.append(target)

    def count(self, key):
        with self._lock:
            return sum(target.endswith(key) for target in self._targets)

    def wait_for_end(self, connection):
        poll = select.poll()
        poll.register(connection, select.POLLRDHUP | select.POLLHUP | select.POLLERR)
        poll.poll(60000)

    def handle_error(self, request, client_address):
        pass

    def start(self):
        threading.Thread(target=self.serve_forever, daemon=True).start()
        return self


if __name__ == "__main__":
    origin = Origin(int(sys.argv[1]) if len(sys.argv) > 1 else 0)
    print(origin.port, flush=True)
    origin.serve_forever()
