"""Section 8 for what the gateway makes of requests in HTTP/1.1. Every request is checked besides."""

from ..case import SUCCEEDS, Tolerated
from ..expect import alive, done
from ..frames import *
from ..target import check
from .declare import gateway_case


def _fields(peer, name):
    return [value for key, value in peer.request if key == name]


@gateway_case("8.3.1", "Host becomes `:authority`, the target `:path`", alive(), SUCCEEDS, path="/a/b?c=d",
              fields=[("Host", "shop.example.test"), ("X-Capitals", "Kept")])
def pseudo_fields(peer):
    peer.handshake()
    peer.receive_request()
    check(_fields(peer, b":method") == [b"GET"] and _fields(peer, b":path") == [b"/a/b?c=d"], f"{peer.request}")
    check(_fields(peer, b":authority") == [b"shop.example.test"], f":authority is {_fields(peer, b':authority')}")
    check(_fields(peer, b"host") in ([], [b"shop.example.test"]), f"host is {_fields(peer, b'host')}")
    check(_fields(peer, b"x-capitals") == [b"Kept"], "a field is lost")
    peer.respond()


@gateway_case("8.2.2", "Fields of the client's connection do not come into HTTP/2, nor those that Connection names",
              alive(), SUCCEEDS, fields=[("Connection", "keep-alive, X-Hop, TE"), ("X-Hop", "1"), ("Keep-Alive", "timeout=5"),
                                         ("Proxy-Connection", "keep-alive"), ("TE", "trailers, deflate;q=0.5")])
def hop_fields(peer):
    peer.handshake()
    peer.receive_request()
    check(not _fields(peer, b"x-hop"), "what Connection names came through")
    peer.respond()


@gateway_case("8.2.2", "A chunked body becomes DATA, without Transfer-Encoding", alive(), SUCCEEDS,
              method="POST", chunks=[b"some ", b"more"])
def chunks(peer):
    peer.handshake()
    peer.receive_request()
    check(bytes(peer.streams[peer.number].body) == b"some more", f"{bytes(peer.streams[peer.number].body)}")
    peer.respond()


@gateway_case("8.1", "A body with a length becomes DATA, and the length is right", alive(), SUCCEEDS,
              method="POST", body=b"some more")
def sized_body(peer):
    peer.handshake()
    peer.receive_request()
    check(bytes(peer.streams[peer.number].body) == b"some more", f"{bytes(peer.streams[peer.number].body)}")
    check(_fields(peer, b"content-length") in ([], [b"9"]), f"{_fields(peer, b'content-length')}")
    peer.respond()


@gateway_case("8.1", "A request without a body ends with its HEADERS, or empty DATA", alive(), SUCCEEDS)
def no_body(peer):
    peer.handshake()
    peer.receive_request()
    check(not peer.streams[peer.number].body, "there is a body")
    peer.respond()


@gateway_case("8.2.3", "A cookie, whole or in crumbs, is the same cookie", alive(), SUCCEEDS,
              fields=[("Cookie", "a=1; b=2")])
def cookie(peer):
    peer.handshake()
    peer.receive_request()
    check(b"; ".join(_fields(peer, b"cookie")) == b"a=1; b=2", f"{_fields(peer, b'cookie')}")
    peer.respond()


@gateway_case("8.3.1", "`OPTIONS *` has the path `*`", alive(), None, optional=True, method="OPTIONS", path="*",
              fields=[("Host", "example.test")])
def asterisk(peer):
    peer.handshake()
    peer.receive_request()
    check(_fields(peer, b":path") in ([b"*"], [b"/"]), f":path is {_fields(peer, b':path')}")
    peer.respond()


@gateway_case("5.4.2", "A client that goes away: its stream is reset, the connection lives on", alive(), None)
def client_goes_away(peer):
    peer.handshake()
    peer.receive_request()
    if peer.attempt:
        return
    peer.asking.abandon()
    target = peer.streams[peer.number]
    if not peer.run(lambda: target.reset is not None, 2):
        raise Tolerated("the stream stays open though nobody waits for it")
    check(target.reset in (CANCEL, NO_ERROR, STREAM_CLOSED, INTERNAL_ERROR), f"reset with {error_name(target.reset)}")


@gateway_case("5.1.1", "Streams of the gateway have odd numbers that grow", done("odd numbers that grow"), None)
def stream_numbers(peer):
    peer.handshake()
    last = 0
    asking = peer.asking
    for number in range(5):
        peer.receive_next() if number else peer.receive_request()
        check(peer.number % 2 == 1 and peer.number > last, f"stream {peer.number} behind {last}")
        last = peer.number
        peer.respond()
        check(asking.wait(5).has_succeeded, asking.seen())
        if number < 4:
            asking = peer.ask(f"/{number}")
