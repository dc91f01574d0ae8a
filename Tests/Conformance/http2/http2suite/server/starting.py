"""Sections 3 and 9.2: how a connection begins, in the clear and through TLS."""

import ssl

from ..case import Skipped, Tolerated, case
from ..expect import alive, answered, connection, done
from ..frames import *
from ..target import Client, check


def _http1(target, octets, protocols=("http/1.1",)):
    """What the peer sends to some octets, until it closes or is silent."""
    sock = target.connect(protocols)
    with sock:
        sock.sendall(octets)
        sock.settimeout(target.timeout)
        answer = b""
        try:
            while piece := sock.recv(65536):
                answer += piece
                if b"\r\n\r\n" in answer:
                    break
        except OSError:
            pass
        return answer


@case("3.4", "The server's first frame is SETTINGS, without ACK", alive(), raw=True)
def server_preface(target):
    peer = Client(target)
    peer.send_octets(PREFACE)
    peer.send(settings())
    peer.wait(lambda: peer.frames, "the server sends nothing")
    return peer


@case("3.4", "SETTINGS of the client, empty", alive(), raw=True)
def empty_settings(target):
    peer = Client(target)
    peer.send_octets(PREFACE)
    peer.send(settings())
    peer.wait(lambda: peer.acknowledgements, "no acknowledgement")
    return peer


@case("3.4", "Preface, SETTINGS and a request in one write, before anything of the server was read", answered(),
      raw=True)
def request_at_once(target):
    peer = Client(target)
    peer.highest = 1
    peer.send_octets(PREFACE + settings((ENABLE_PUSH, 0)) + headers(1, peer.block("/")))
    return peer


@case("3.4", "The preface, byte by byte", alive(), raw=True)
def preface_in_bytes(target):
    peer = Client(target)
    for octet in PREFACE + settings((ENABLE_PUSH, 0)):
        peer.send_octets(bytes([octet]))
    peer.wait(lambda: peer.acknowledgements, "no acknowledgement")
    return peer


@case("3.4", "A preface whose last byte is wrong", connection(PROTOCOL_ERROR, may_just_close=True), raw=True)
def wrong_preface_end(target):
    return _wrong_preface(target, PREFACE[:-1] + b"x")


@case("3.4", "A preface whose middle is wrong", connection(PROTOCOL_ERROR, may_just_close=True), raw=True)
def wrong_preface_middle(target):
    return _wrong_preface(target, b"PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n")


@case("3.4", "No preface: SETTINGS at once", connection(PROTOCOL_ERROR, may_just_close=True), raw=True)
def no_preface(target):
    return _wrong_preface(target, settings((ENABLE_PUSH, 0), (MAX_FRAME_SIZE, DEFAULT_FRAME)))


def _wrong_preface(target, octets):
    peer = Client(target)
    peer.violations = _Deaf()
    peer.send_octets(octets + settings())
    return peer


class _Deaf(list):
    """Before HTTP/2 has begun, the peer may answer in HTTP/1.1."""

    def append(self, text):
        pass


@case("3.4", "A preface followed by HEADERS, without SETTINGS", connection(PROTOCOL_ERROR), raw=True)
def headers_without_settings(target):
    return _instead_of_settings(target, lambda peer: headers(1, peer.block("/")))


@case("3.4", "A preface followed by PING, without SETTINGS", connection(PROTOCOL_ERROR), raw=True)
def ping_without_settings(target):
    return _instead_of_settings(target, lambda peer: ping())


@case("3.4", "A preface followed by WINDOW_UPDATE, without SETTINGS", connection(PROTOCOL_ERROR), raw=True)
def credit_without_settings(target):
    return _instead_of_settings(target, lambda peer: window_update(0, 1))


@case("3.4", "A preface followed by an acknowledgement in place of SETTINGS", connection(PROTOCOL_ERROR), raw=True)
def acknowledgement_without_settings(target):
    return _instead_of_settings(target, lambda peer: settings(ack=True))


@case("3.4", "A preface followed by a frame of an unknown type", connection(PROTOCOL_ERROR), raw=True)
def unknown_frame_without_settings(target):
    return _instead_of_settings(target, lambda peer: frame(0xbe, 0, 0, b"?"))


def _instead_of_settings(target, first):
    peer = Client(target)
    peer.send_octets(PREFACE)
    peer.send(first(peer))
    return peer


@case("3.1", "Upgrade: h2c in an HTTP/1.1 request: the mechanism is gone, the request is answered in HTTP/1.1",
      done("a response in HTTP/1.1, not 101"), raw=True)
def upgrade_is_gone(target):
    if target.is_tls:
        raise Skipped("only in the clear")
    answer = _http1(target, b"GET / HTTP/1.1\r\nHost: example.test\r\nConnection: Upgrade, HTTP2-Settings\r\n"
                            b"Upgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\n")
    if not answer.startswith(b"HTTP/1.1 ") or answer.startswith(b"HTTP/1.1 505"):
        raise Skipped("the listener does not speak HTTP/1.1")
    if answer.startswith(b"HTTP/1.1 101"):
        raise Tolerated("switched, as RFC 7540 let it")


@case("3.3", "ALPN with h2 and http/1.1: h2 is chosen, the connection works", answered(), raw=True)
def alpn(target):
    _need_tls(target)
    peer = Client(target, target.connect(("h2", "http/1.1")))
    peer.handshake()
    peer.get()
    return peer


@case("3.2", "ALPN with http/1.1 alone: HTTP/1.1 is spoken", done("a response in HTTP/1.1"), raw=True)
def alpn_http1(target):
    _need_tls(target)
    answer = _http1(target, b"GET / HTTP/1.1\r\nHost: example.test\r\n\r\n")
    check(answer.startswith(b"HTTP/1.1 200"), f"the answer is {answer[:100]}")


@case("3.2", "ALPN with h2c, which TLS must not carry: it is not chosen", done("h2c is not chosen"), raw=True)
def alpn_h2c(target):
    _need_tls(target)
    try:
        with target.connect(("h2c",)) as sock:
            check(sock.selected_alpn_protocol() is None, f"ALPN chose {sock.selected_alpn_protocol()}")
    except ssl.SSLError:
        pass


@case("9.2", "TLS 1.1 with h2", done("TLS 1.2 or newer is demanded"), raw=True)
def old_tls(target):
    _need_tls(target)
    try:
        with target.connect(("h2",), ssl.TLSVersion.TLSv1_1) as sock:
            check(False, f"{sock.version()} is taken")
    except (ssl.SSLError, ConnectionError):
        pass


@case("9.2", "TLS 1.2 with h2", answered(), raw=True)
def tls_12(target):
    return _with_version(target, ssl.TLSVersion.TLSv1_2)


@case("9.2", "TLS 1.3 with h2", answered(), raw=True)
def tls_13(target):
    return _with_version(target, ssl.TLSVersion.TLSv1_3)


def _with_version(target, version):
    _need_tls(target)
    peer = Client(target, target.connect(("h2",), version))
    peer.handshake()
    peer.get()
    return peer


@case("9.2.2", "The cipher suite that all must have with TLS 1.2: ECDHE-RSA-AES128-GCM-SHA256 with P-256", answered(),
      raw=True)
def mandatory_cipher(target):
    _need_tls(target)
    context = _context("ECDHE-RSA-AES128-GCM-SHA256")
    context.set_ecdh_curve("prime256v1")
    peer = Client(target, context.wrap_socket(target._replace(is_tls=False).connect(), server_hostname=target.authority))
    peer.handshake()
    peer.get()
    return peer


def _context(ciphers):
    """TLS 1.2 with these ciphers alone, and h2."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["h2"])
    context.set_ciphers(ciphers)
    return context


@case("9.2.2", "A cipher suite of appendix A, which HTTP/2 forbids, offered alone with TLS 1.2",
      connection(INADEQUATE_SECURITY, may_just_close=True) | answered(), raw=True)
def forbidden_cipher(target):
    _need_tls(target)
    context = _context("AES128-SHA:ECDHE-RSA-AES128-SHA:ECDHE-ECDSA-AES128-SHA")
    plain = target._replace(is_tls=False).connect()
    try:
        sock = context.wrap_socket(plain, server_hostname=target.authority)
    except (ssl.SSLError, ConnectionError):
        plain.close()
        return None
    if sock.selected_alpn_protocol() != "h2":
        sock.close()
        return None
    peer = Client(target, sock)
    peer.handshake()
    peer.get()
    return peer


def _need_tls(target):
    if not target.is_tls:
        raise Skipped("only through TLS")
