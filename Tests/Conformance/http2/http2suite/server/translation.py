"""What a gateway must keep or drop as it passes a request of HTTP/2 on in HTTP/1.1, by what the service tells."""

import json
import secrets

from ..case import Tolerated, case
from ..expect import answered, done
from ..frames import *
from ..target import check


def _told(peer, stream=1):
    response = peer.response(stream)
    check(response.status == 200, f"refused: {peer.seen()}")
    return json.loads(bytes(response.body))


def _values(told, name):
    return [value for key, value in told["fields"] if key.lower() == name]


@case("8.3.1", "The service gets `:authority` as its Host, once", done("one Host"), needs=("echo",))
def authority_becomes_host(peer):
    peer.get(1, "/echo?a=1&b=2", ("x-name", "value"))
    told = _told(peer)
    check(_values(told, "host") == [peer.target.authority], f"Host is {_values(told, 'host')}")
    check(told["target"] == "/echo?a=1&b=2" and told["method"] == "GET", f"{told['method']} {told['target']}")
    check(_values(told, "x-name") == ["value"], "the field is lost")
    check(not [name for name, _ in told["fields"] if name.startswith(":")], "a pseudo-header field came through")


@case("8.3.1", "`host` that is the same does not make two of it", done("one Host"), needs=("echo",))
def host_is_not_doubled(peer):
    peer.get(1, "/echo", ("host", peer.target.authority))
    told = _told(peer)
    check(_values(told, "host") == [peer.target.authority], f"Host is {_values(told, 'host')}")


@case("8.2.3", "Cookie fields are joined into one with `; ` between", done("one Cookie"), needs=("echo",))
def cookies_are_joined(peer):
    peer.get(1, "/echo", ("cookie", "a=1"), ("x-name", "1"), ("cookie", "b=2"), ("cookie", "c=3"))
    told = _told(peer)
    check(_values(told, "cookie") == ["a=1; b=2; c=3"], f"Cookie is {_values(told, 'cookie')}")


@case("8.2", "Fields of one name keep their order", done("the same order"), needs=("echo",))
def order_is_kept(peer):
    peer.get(1, "/echo", ("x-name", "1"), ("x-other", "x"), ("x-name", "2"), ("x-name", "3"))
    told = _told(peer)
    check(", ".join(_values(told, "x-name")) == "1, 2, 3", f"got {_values(told, 'x-name')}")


@case("8.2.2", "`te` does not become a field that the service takes for its own hop's", done("a hop of its own"),
      needs=("echo",))
def te_is_of_the_hop(peer):
    peer.get(1, "/echo", ("te", "trailers"))
    told = _told(peer)
    if _values(told, "te"):
        if "te" not in ", ".join(_values(told, "connection")).lower():
            raise Tolerated("TE without Connection: TE, which RFC 9110, section 10.1.4, demands")


@case("8.2.2", "Fields of the service's connection do not come into HTTP/2, nor those that Connection names",
      answered(), needs=("hop",))
def hop_fields_stay_behind(peer):
    peer.get(1, "/hop")
    response = peer.response()
    names = [name for name, _ in response.blocks[-1]]
    check(b"x-hop" not in names, "what Connection names came through")
    check(b"x-capitals" in names, "a field is lost")
    check(bytes(response.body) == b"hello", f"the body is {bytes(response.body)}")


@case("8.1", "A body without a content-length reaches the service whole, with its trailers", done("body and trailers"),
      needs=("echo",))
def body_without_length(peer):
    peer.post(1, "/echo", ("te", "trailers"))
    peer.send(data(1, b"some "), data(1, b"more"), data(1, b"", end=True))
    told = _told(peer)
    check(told["body"] == 9, f"the service got {told['body']} bytes")


@case("8.1", "A request that ends with its HEADERS has no body: the service does not wait for one",
      done("no body"), needs=("echo",))
def no_body(peer):
    peer.send(headers(1, peer.block("/echo", "POST")))
    told = _told(peer)
    check(told["body"] == 0, f"the service got {told['body']} bytes")
    check(not _values(told, "transfer-encoding") or told["body"] == 0, "")


@case("8.1", "A content-length is passed on with the body", done("body and length"), needs=("echo",))
def body_with_length(peer):
    peer.post(1, "/echo", ("content-length", "4"))
    peer.send(data(1, b"bo"), data(1, b"dy", end=True))
    told = _told(peer)
    check(told["body"] == 4, f"the service got {told['body']} bytes")


@case("8.1", "A request that is reset in the middle of its body is not finished towards the service",
      done("the service sees no whole request"), needs=("echo", "seen"))
def cut_request(peer):
    key = f"cut-{secrets.token_hex(8)}"
    peer.post(1, f"/echo?{key}")
    peer.send(data(1, b"part"))
    peer.sync()
    peer.send(rst_stream(1, CANCEL))
    peer.sync()
    peer.get(3, "/echo")
    check(_told(peer, 3)["body"] == 0, "the part came with the next request")
    peer.get(5, f"/seen/{key}-whole")
    check(bytes(peer.response(5).body) == b"0", "the service got a whole request")
