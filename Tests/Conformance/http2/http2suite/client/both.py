"""A client and a service that both speak HTTP/2: what must pass from one to the other."""

from .. import hpack
from ..case import Skipped, Tolerated
from ..expect import alive, done
from ..frames import *
from ..service import OK
from ..target import check
from .declare import gateway_case


def both(section, what, frames, rfc=9113, expected=None):
    """A case whose client sends `frames(client)`, on stream 1, over HTTP/2."""

    def declare(function):
        name = f"both-{function.__name__}"
        return gateway_case(section, what, expected or alive(), None, rfc, name, http2=frames)(function)

    return declare


def _get(*more):
    return lambda client: [headers(1, client.block("/", "GET", *more))]


def _post(client):
    return [headers(1, client.block("/", "POST"), end=False)]


def _begin(peer, *pairs, whole=True):
    """The service's side of the handshake, and the request; the client."""
    peer.handshake(*pairs)
    peer.receive_request(whole)
    return peer.asking.client


def _relay(peer, client, until, otherwise):
    """Waits for something on either connection."""
    for _ in range(int(peer.target.timeout * 100)):
        if client.run(until, 0.005) or peer.run(until, 0.005):
            return
    check(False, f"{otherwise}: client: {client.seen()}, service: {peer.seen()}")


@both("7.1.3", "A field that came as never indexed goes on as never indexed",
      lambda client: [headers(1, client.block("/") + hpack.literal(b"x-secret", b"1234", "never")
                              + hpack.literal(b"x-open", b"1", "incremental"))], rfc=7541)
def never_indexed(peer):
    _begin(peer)
    check((b"x-secret", b"1234") in peer.request, "the field is lost")
    check(b"x-secret" in peer.decoder.never_indexed, "another representation was used")
    check(b"x-open" not in peer.decoder.never_indexed, "all fields are never indexed")
    peer.respond()


@both("7.1.3", "A response's field that came as never indexed goes on as never indexed", _get(), rfc=7541)
def never_indexed_response(peer):
    client = _begin(peer)
    peer.send(headers(peer.number, hpack.block(OK) + hpack.literal(b"set-cookie", b"id=1234", "never")))
    client.response(1)
    check(b"set-cookie" in client.decoder.never_indexed, f"another representation was used: {client.decoder.never_indexed}")


@both("8.3.1", "`:authority`, `:path` and `:method` are kept", _get(("x-name", "value"), ("te", "trailers")))
def request_is_kept(peer):
    client = _begin(peer)
    fields = dict(peer.request)
    check(fields[b":authority"] == client.target.authority.encode() and fields[b":path"] == b"/"
          and fields[b":method"] == b"GET" and fields.get(b"x-name") == b"value", f"{peer.request}")
    peer.respond()
    check(bytes(client.response(1).body) == b"hello", client.seen())


@both("8.1", "Trailers of a request reach the service", lambda client: _post(client) + [
    data(1, b"body"), headers(1, hpack.block([("x-sum", "4")]))])
def request_trailers(peer):
    client = _begin(peer)
    blocks = peer.streams[peer.number].blocks
    check(bytes(peer.streams[peer.number].body) == b"body", "the body is lost")
    check(len(blocks) == 2 and (b"x-sum", b"4") in blocks[1], f"trailers are lost: {blocks[1:]}")
    peer.respond()
    client.response(1)


@both("8.1", "Trailers of a response reach the client", _get(("te", "trailers")))
def response_trailers(peer):
    client = _begin(peer)
    peer.send(headers(peer.number, hpack.block(OK), end=False), data(peer.number, b"hello"),
              headers(peer.number, hpack.block([(b"x-sum", b"5")])))
    blocks = client.response(1).blocks
    check(len(blocks) == 2 and (b"x-sum", b"5") in blocks[1], f"trailers are lost: {blocks[1:]}")


@both("8.1", "Trailers alone, as HEADERS that end the response", _get())
def trailers_only(peer):
    client = _begin(peer)
    peer.send(headers(peer.number, hpack.block(OK + [(b"grpc-status", b"5")])))
    response = client.response(1)
    check(not response.body and any(name == b"grpc-status" for name, _ in response.blocks[-1]), client.seen())


@both("8.1", "103 reaches the client before the response", _get())
def interim(peer):
    client = _begin(peer)
    peer.send(headers(peer.number, hpack.block([(b":status", b"103"), (b"link", b"</a.css>")]), end=False),
              headers(peer.number, hpack.block(OK)))
    response = client.response(1)
    if len(response.blocks) == 1:
        raise Tolerated("103 is left out, which only RFC 9110, section 15.2, forbids")
    check(response.blocks[0][0] == (b":status", b"103"), f"{response.blocks}")


@both("8.1", "Bodies go both ways at the same time, as they come", _post)
def both_ways(peer):
    client = _begin(peer, whole=False)
    target = peer.streams[peer.number]
    peer.send(headers(peer.number, hpack.block(OK), end=False))
    client.head(1)
    for number in range(5):
        client.send(data(1, b"to"))
        _relay(peer, client, lambda: len(target.body) == 2 * number + 2, "the request does not go on")
        peer.send(data(peer.number, b"fro"))
        _relay(peer, client, lambda: len(client.streams[1].body) == 3 * number + 3, "the response does not go on")
    client.send(data(1, b"", end=True))
    _relay(peer, client, lambda: target.is_ended, "the end does not come")
    peer.send(data(peer.number, b"", end=True))
    client.response(1)


@both("5.4.2", "RST_STREAM CANCEL of the client reaches the service, whose connection lives on", _post)
def cancel_of_client(peer):
    client = _begin(peer, whole=False)
    client.send(rst_stream(1, CANCEL))
    target = peer.streams[peer.number]
    _relay(peer, client, lambda: target.reset is not None, "RST_STREAM does not come")
    if target.reset not in (CANCEL, NO_ERROR):
        raise Tolerated(f"reset with {error_name(target.reset)}")


@both("5.4.2", "RST_STREAM of the service before a response: the client gets an error, not silence", _get())
def reset_of_service(peer):
    client = _begin(peer)
    peer.send(rst_stream(peer.number, INTERNAL_ERROR))
    _relay(peer, client, lambda: 1 in client.streams and (
        client.streams[1].reset is not None or client.streams[1].is_ended), "silence")
    check(client.streams[1].reset is not None or client.streams[1].status >= 500, client.seen())


@both("5.4.2", "RST_STREAM of the service in a body: the client's stream is reset, its connection lives on", _get())
def reset_in_body(peer):
    client = _begin(peer)
    peer.send(headers(peer.number, hpack.block(OK), end=False), data(peer.number, b"part"))
    _relay(peer, client, lambda: 1 in client.streams and client.streams[1].body, "no body")
    peer.send(rst_stream(peer.number, INTERNAL_ERROR))
    _relay(peer, client, lambda: client.streams[1].reset is not None or client.streams[1].is_ended, "silence")
    check(client.streams[1].reset is not None, "the response ends as if it were whole")
    client.sync()


@both("8.1.1", "A response whose content-length is wrong does not look whole to the client", _get())
def wrong_length(peer):
    client = _begin(peer)
    peer.send(headers(peer.number, hpack.block(OK + [(b"content-length", b"9")]), end=False),
              data(peer.number, b"hello", end=True))
    _relay(peer, client, lambda: 1 in client.streams and (
        client.streams[1].reset is not None or client.streams[1].is_ended), "silence")
    check(client.streams[1].reset is not None or client.streams[1].status >= 500, client.seen())


@both("5.2.2", "A client without credit holds the service back: no more is credited than the gateway's window",
      lambda client: [settings((INITIAL_WINDOW_SIZE, 0)), *_get()(client)])
def backpressure(peer):
    client = _begin(peer)
    initial = peer.settings.get(INITIAL_WINDOW_SIZE, DEFAULT_WINDOW)
    if initial > 1 << 22:
        raise Skipped(f"the window is {initial} bytes")
    peer.send(headers(peer.number, hpack.block(OK), end=False))
    client.head(1)
    sent = 0

    def allowed():
        return min(initial + peer.credit.get(peer.number, 0), DEFAULT_WINDOW + peer.credit.get(0, 0)) - sent

    while sent < 1 << 23 and peer.run(lambda: allowed() > 0, 0.3):
        size = min(allowed(), DEFAULT_FRAME)
        peer.send(data(peer.number, b"x" * size))
        sent += size
    check(sent <= initial + (1 << 21), f"{sent} bytes were taken for a client that takes none")
    client.send(window_update(1, 100))
    _relay(peer, client, lambda: len(client.streams[1].body) == 100, "credit does not let it go on")


@both("5.2.2", "A service without credit holds the client back", _post)
def backpressure_of_service(peer):
    client = _begin(peer, (INITIAL_WINDOW_SIZE, 0), whole=False)
    initial = client.settings.get(INITIAL_WINDOW_SIZE, DEFAULT_WINDOW)
    if initial > 1 << 22:
        raise Skipped(f"the window is {initial} bytes")
    sent = 0

    def allowed():
        return min(initial + client.credit.get(1, 0), DEFAULT_WINDOW + client.credit.get(0, 0)) - sent

    while sent < 1 << 23 and client.run(lambda: allowed() > 0, 0.3):
        size = min(allowed(), DEFAULT_FRAME)
        client.send(data(1, b"x" * size))
        sent += size
    check(sent <= initial + (1 << 21), f"{sent} bytes were taken for a service that takes none")
    peer.run(lambda: False, 0.05)
    # What the service had allowed before its SETTINGS came may have been used.
    before = len(peer.streams[peer.number].body)
    check(before <= DEFAULT_WINDOW, f"{before} bytes came without credit")
    peer.send(window_update(peer.number, DEFAULT_WINDOW + 100))
    _relay(peer, client, lambda: len(peer.streams[peer.number].body) >= 100, "credit does not let it go on")


@both("8.7", "REFUSED_STREAM of the service: sent again elsewhere, or told to the client", _get(), expected=done("an answer"))
def refused(peer):
    client = _begin(peer)
    if peer.attempt:
        peer.respond()
        return
    peer.send(rst_stream(peer.number, REFUSED_STREAM))

    def is_over():
        return 1 in client.streams and (client.streams[1].reset is not None or client.streams[1].is_ended)

    for _ in range(500):
        if client.run(is_over, 0.01):
            return
        if peer.run(lambda: set(peer.streams) - peer.served, 0):
            peer.receive_request()
            peer.respond()
    check(False, f"silence: {client.seen()}")


def _extended(client):
    if not client.settings.get(ENABLE_CONNECT_PROTOCOL):
        raise Skipped("the gateway does not offer extended CONNECT")
    fields = client.request("/socket", "CONNECT") + [(":protocol", "websocket"), ("sec-websocket-version", "13")]
    return [headers(1, hpack.block(fields), end=False)]


@both("5", "A WebSocket over HTTP/2 to a service that offers it: extended CONNECT on both sides", _extended, rfc=8441)
def websocket(peer):
    client = peer.asking.client
    peer.handshake((ENABLE_CONNECT_PROTOCOL, 1))
    try:
        peer.receive_request(whole=False)
    except Exception:
        raise Skipped("the gateway does not pass extended CONNECT on to HTTP/2") from None
    fields = dict(peer.request)
    if b":protocol" not in fields:
        raise Skipped("the gateway makes another request of it")
    check(fields[b":method"] == b"CONNECT" and fields[b":protocol"] == b"websocket", f"{peer.request}")
    peer.send(headers(peer.number, hpack.block([(b":status", b"200")]), end=False))
    client.head(1)
    client.send(data(1, b"to and fro"))
    target = peer.streams[peer.number]
    _relay(peer, client, lambda: bytes(target.body) == b"to and fro", "nothing comes")
    peer.send(data(peer.number, b"and back", end=True))
    client.send(data(1, b"", end=True))
    check(bytes(client.response(1).body) == b"and back", client.seen())
