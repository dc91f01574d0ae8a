"""Cases for the client side of a gateway, a module a topic."""

from . import beginnings, blocks, both, control, flow, framing, requests, responses  # noqa: F401
