"""The service behind a gateway that speaks HTTP/2 to it, and misbehaves as a case wants."""

import queue
import select
import socket
import ssl
import threading
import time

from . import hpack
from .asking import Asking, AskingHTTP2
from .case import FAILS, SUCCEEDS, Failed, Skipped, Tolerated
from .endpoint import Endpoint
from .expect import FAIL, LENIENT, PASS, judge
from .frames import *

OK = [(b":status", b"200"), (b"x-served", b"yes")]


class Upstream(Endpoint):
    """The service's end of a connection that the gateway has opened."""

    def __init__(self, sock, service, attempt):
        super().__init__(sock, is_client=False)
        self.service = service
        self.target = service.gateway
        #: How many connections of this case came before.
        self.attempt = attempt
        # The service's own SETTINGS come first.
        self.acknowledges = False
        self._read_preface()

    def _read_preface(self):
        preface, deadline = b"", time.monotonic() + self.target.timeout
        while len(preface) < len(PREFACE):
            if not select.select([self.sock], [], [], max(deadline - time.monotonic(), 0))[0]:
                raise Failed(f"instead of the preface came {preface!r}")
            octets = self.sock.recv(len(PREFACE) - len(preface))
            if not octets:
                raise Failed("the connection ended before its preface")
            preface += octets
        if preface != PREFACE:
            raise Failed(f"the preface is {preface!r}")

    def handshake(self, *pairs):
        """SETTINGS of both sides, acknowledged."""
        self.send(settings(*pairs), *[settings(ack=True)] * self.settings_frames)
        self.acknowledges = True
        self.wait(lambda: self.settings_frames and self.acknowledgements, "no SETTINGS, or no acknowledgement")

    def receive_request(self, whole=True):
        """Waits for the next request; its stream, which becomes `number`."""
        def waiting():
            return [number for number, one in self.streams.items()
                    if number not in self.served and one.blocks and (one.is_ended or not whole)]

        self.wait(waiting, "no request came")
        self.number = waiting()[0]
        self.served.add(self.number)
        return self.number

    def receive_next(self, whole=True):
        """Waits for another request on this connection.

        Raises `Skipped` when the gateway does not use it again, which nothing demands.
        """
        try:
            return self.receive_request(whole)
        except Failed:
            raise Skipped("the gateway does not use the connection again") from None

    @property
    def served(self):
        return self.notes.setdefault("served", set())

    @property
    def request(self):
        """The fields of the request."""
        return self.streams[self.number].blocks[0]

    def respond(self, body=b"hello", *more, stream=None):
        """A whole response."""
        number = stream or self.number
        block = hpack.block(OK + list(more))
        if body:
            self.send(headers(number, block, end=False), data(number, body, end=True))
        else:
            self.send(headers(number, block))

    def send_body(self, octets, end=True):
        """DATA, never more than the gateway has given credit for."""
        initial = self.settings.get(INITIAL_WINDOW_SIZE, DEFAULT_WINDOW)
        sent = 0
        while sent < len(octets):
            def allowed():
                return min(initial + self.credit.get(self.number, 0), DEFAULT_WINDOW + self.credit.get(0, 0)) - sent

            self.wait(lambda: allowed() > 0, f"no credit behind {sent} bytes")
            piece = octets[sent:sent + min(allowed(), DEFAULT_FRAME)]
            sent += len(piece)
            self.send(data(self.number, piece, end and sent == len(octets)))

    def probe(self):
        self.send(ping(b"go on..?"))
        return 0

    def sync(self):
        wanted = len(self.pongs) + 1
        self.send(ping(b"in sync?"))
        self.wait(lambda: len(self.pongs) >= wanted, "PING was not answered")

    def wait(self, until, otherwise, within=None):
        if not self.run(until, within or self.target.timeout):
            raise Failed(f"{otherwise}: {self.seen()}")

    def ask(self, *args, **kwargs):
        """Another request through the gateway."""
        return self.service.ask(*args, **kwargs)


class Service:
    """Listens as the gateway's service, and plays one case after the other."""

    def __init__(self, gateway, port, certificate=None):
        #: Where clients reach the gateway in HTTP/1.1.
        self.gateway = gateway
        self.context = None
        if certificate:
            self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.context.load_cert_chain(*certificate)
            self.context.set_alpn_protocols(["h2"])
        self.listener = socket.create_server(("127.0.0.1", port), backlog=128)
        self.port = self.listener.getsockname()[1]
        self._begin_case()
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                sock, _ = self.listener.accept()
            except OSError:
                return
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self.context:
                sock.settimeout(5)
                try:
                    sock = self.context.wrap_socket(sock, server_side=True)
                except OSError:
                    sock.close()
                    continue
            self._accepted.put(sock)

    def ask(self, path="/", method="GET", fields=(), **kwargs):
        return Asking(self.gateway, path, method, fields, **kwargs)

    def _ask(self, http2=None, **asks):
        if not http2:
            return self.ask(**asks)
        try:
            return AskingHTTP2(self.gateway, http2)
        except (Failed, OSError):
            raise Skipped("the gateway does not take HTTP/2 there") from None

    def _connection(self, accepted, still_open, attempt=0):
        """The next connection of the gateway; None when none comes in a tenth of a second."""
        try:
            sock = accepted.get(timeout=0.1)
        except queue.Empty:
            return None
        upstream = Upstream(sock, self, attempt)
        still_open.append(upstream)
        return upstream

    def _begin_case(self):
        self._accepted = queue.Queue()
        self._open = []

    def close_all(self):
        """Closes the connections of a case; those that come from now on are of the next one."""
        accepted, still_open = self._accepted, self._open
        self._begin_case()
        for one in still_open:
            one.close()
        while not accepted.empty():
            accepted.get().close()

    # Cases

    def run(self, one, grace=1.0):
        """Verdict and reason of one case."""
        self.close_all()
        try:
            return self._play(one, grace)
        except Skipped as skipped:
            return "skip", str(skipped)
        except Tolerated as tolerated:
            return LENIENT, str(tolerated)
        except Failed as failed:
            return FAIL, str(failed)
        except Exception as error:  # A peer can break a case in ways that nobody foresaw.
            return FAIL, f"{type(error).__name__}: {error}"
        finally:
            self.close_all()

    def _play(self, one, grace):
        asking, upstream = self._begin(one.run.asks, one.run.is_optional)
        upstream.asking = asking
        done = threading.Event()
        retries = threading.Thread(target=self._play_again, args=(one, asking, done, self._accepted, self._open), daemon=True)
        retries.start()
        try:
            one.run(upstream)
            verdict, why = judge(one.expected, upstream, self.gateway.timeout, grace)
        finally:
            done.set()
        if verdict != FAIL and upstream.violations:
            verdict, why = FAIL, why
        if upstream.violations:
            why += f"; the peer broke a rule besides: {'; '.join(dict.fromkeys(upstream.violations))}"
        if isinstance(asking, AskingHTTP2):
            if asking.client.violations:
                verdict, why = FAIL, f"{why}; towards the client: {'; '.join(dict.fromkeys(asking.client.violations))}"
            asking.client.close()
        if verdict == FAIL or one.request is None:
            return verdict, f"{why}; {asking.seen()}"
        # A gateway may wait for the rest of a response until the connection is gone.
        asking.wait(1 if one.request == FAILS else 5)
        if not asking.is_over:
            upstream.close()
            asking.wait(5)
        if asking.has_succeeded != (one.request == SUCCEEDS):
            return FAIL, f"{asking.seen()}, though the request {one.request}; {why}"
        return verdict, f"{why}; {asking.seen()}"

    def _begin(self, asks, optional):
        """A request, and the connection that it comes on. An old connection may be tried first."""
        for _ in range(3):
            asking = self._ask(**asks)
            deadline = time.monotonic() + self.gateway.timeout
            while time.monotonic() < deadline:
                upstream = self._connection(self._accepted, self._open)
                if upstream:
                    return asking, upstream
                if asking.is_over:
                    break
        if optional and asking.is_over:
            raise Skipped(f"the gateway answers by itself; {asking.seen()}")
        raise Failed(f"the gateway does not connect to its service; {asking.seen()}")

    def _play_again(self, one, asking, done, accepted, still_open):
        """A gateway may try the request once more: the same comes of it."""
        attempt = 0
        while not done.is_set():
            attempt += 1
            try:
                upstream = self._connection(accepted, still_open, attempt)
                if upstream:
                    upstream.asking = asking
                    threading.Thread(target=self._answer_again, args=(one, upstream), daemon=True).start()
            except Exception:  # Only the first connection is judged.
                pass

    @staticmethod
    def _answer_again(one, upstream):
        try:
            one.run(upstream)
            upstream.run(lambda: False, 10)
        except Exception:  # Only the first connection is judged.
            pass
