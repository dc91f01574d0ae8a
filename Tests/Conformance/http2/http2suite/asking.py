"""The client before the gateway, in HTTP/1.1 or HTTP/2."""

import http.client
import socket
import struct
import threading

from .target import Client


class _Response(http.client.HTTPResponse):
    """A response, behind any number of interim ones."""

    def _read_status(self):
        found = super()._read_status()
        while 100 < found[1] < 200 and found[1] != 101:
            http.client.parse_headers(self.fp)
            found = super()._read_status()
        return found


def _small_socket(target):
    """A connection that holds little of what its owner does not read."""
    sock = socket.socket()
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    sock.connect((target.host, target.port))
    return sock


class Asking:
    """A request that is under way in a thread of its own."""

    def __init__(self, target, path="/", method="GET", fields=(), body=None, chunks=None, within=10, reads=True):
        self.status = None
        self.fields = []
        self.body = b""
        #: Why there is no whole response.
        self.failure = None
        self._connection = http.client.HTTPConnection(target.host, target.port, timeout=within)
        self._connection.response_class = _Response
        self._request = (method, path, list(fields), body, chunks)
        self._target = target
        self._reads = reads
        self._thread = threading.Thread(target=self._ask, daemon=True)
        self._thread.start()

    def _ask(self):
        method, path, fields, body, chunks = self._request
        connection = self._connection
        try:
            if not self._reads:
                connection.sock = _small_socket(self._target)
            connection.putrequest(method, path, skip_host=any(name.lower() == "host" for name, _ in fields),
                                  skip_accept_encoding=True)
            for name, value in fields:
                connection.putheader(name, value)
            if chunks is not None:
                connection.putheader("Transfer-Encoding", "chunked")
                connection.endheaders()
                for chunk in chunks:
                    connection.send(b"%x\r\n%b\r\n" % (len(chunk), chunk))
                connection.send(b"0\r\n\r\n")
            else:
                if body is not None:
                    connection.putheader("Content-Length", str(len(body)))
                connection.endheaders(body)
            if not self._reads:
                self.failure = "nothing, as it does not read"
                threading.Event().wait(self._connection.timeout)
                return
            response = connection.getresponse()
            self.status, self.fields = response.status, response.getheaders()
            self.body = response.read()
        except (OSError, http.client.HTTPException) as error:
            self.failure = f"{type(error).__name__}: {error}"
        finally:
            connection.close()

    @property
    def is_over(self):
        return not self._thread.is_alive()

    def wait(self, within=10):
        """Waits for the response; itself."""
        self._thread.join(within)
        if not self.is_over:
            self.failure = "no end of the response"
        return self

    def abandon(self):
        """Closes the connection in the middle."""
        sock = self._connection.sock
        if sock is not None:
            # The end must be a reset: one that only stops sending may still wait for its answer.
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            sock.shutdown(socket.SHUT_RD)

    def get(self, name):
        return [value for key, value in self.fields if key.lower() == name]

    @property
    def has_succeeded(self):
        return self.is_over and self.failure is None and self.status is not None and self.status < 500

    def seen(self):
        if self.failure:
            return f"the client saw {self.failure}" + (f" behind status {self.status}" if self.status else "")
        return f"the client saw {self.status} with {len(self.body)} bytes" if self.is_over else "no response yet"


class AskingHTTP2:
    """A request over HTTP/2, as raw frames on a connection that the case goes on to use."""

    def __init__(self, target, frames):
        self.client = Client(target)
        self.client.handshake()
        self.client.send(*frames(self.client))

    @property
    def is_over(self):
        self.client.run(lambda: False, 0)
        stream = self.client.streams.get(1)
        return self.client.is_closed or stream is not None and (stream.is_ended or stream.reset is not None)

    def seen(self):
        return f"the client saw {self.client.seen()}"
