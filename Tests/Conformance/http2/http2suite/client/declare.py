"""How cases for a gateway's client are declared: a request comes, and the service sends what it must not."""

from ..case import CLIENT, FAILS, case


def gateway_case(section, what, expected, request=FAILS, rfc=9113, name=None, optional=False, **asks):
    """As `case`; `asks` is how the client asks (`method`, `fields`, `body`).

    The gateway may answer an `optional` one by itself.
    """

    def declare(function):
        function.asks = asks
        function.is_optional = optional
        return case(section, what, expected, rfc=rfc, role=CLIENT, name=name, request=request)(function)

    return declare


def answers(section, name, what, expected, frames, request=FAILS, rfc=9113, **asks):
    """A case whose service sends `frames(peer)`, which is a list, when the request has come."""

    @gateway_case(section, what, expected, request, rfc, name, **asks)
    def one(peer):
        peer.handshake()
        peer.receive_request()
        peer.send(*frames(peer))

    return one
