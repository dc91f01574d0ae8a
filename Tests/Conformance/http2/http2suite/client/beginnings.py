"""Section 3.4: how the gateway begins, and services that begin wrongly."""

from ..case import SUCCEEDS
from ..expect import alive, connection, done
from ..frames import *
from ..target import check
from .declare import gateway_case


@gateway_case("3.4", "The gateway sends the preface and SETTINGS first, before it has read any of the service",
              alive(), SUCCEEDS)
def preface(peer):
    peer.wait(lambda: peer.frames, "nothing behind the preface")
    check(peer.frames[0].type == SETTINGS, f"the first frame is {peer.frames[0]}")
    peer.handshake()
    peer.receive_request()
    peer.respond()


@gateway_case("3.4", "The service's SETTINGS are empty", alive(), SUCCEEDS)
def empty_settings(peer):
    peer.handshake()
    peer.receive_request()
    peer.respond()


@gateway_case("3.4", "The service's first frame is PING", connection(PROTOCOL_ERROR))
def ping_first(peer):
    peer.send(ping())


@gateway_case("3.4", "The service's first frame is an acknowledgement of SETTINGS", connection(PROTOCOL_ERROR))
def acknowledgement_first(peer):
    peer.send(settings(ack=True))


@gateway_case("3.4", "The service's first frame is GOAWAY", connection(PROTOCOL_ERROR, NO_ERROR, may_just_close=True))
def goaway_first(peer):
    peer.send(goaway())


@gateway_case("3.4", "The service answers in HTTP/1.1",
              connection(PROTOCOL_ERROR, FRAME_SIZE_ERROR, may_just_close=True))
def http1(peer):
    peer.send_octets(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")


@gateway_case("3.4", "The service closes at once", done("the connection ends"))
def closed_at_once(peer):
    peer.close()
    peer.is_closed = True
