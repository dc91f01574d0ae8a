"""What a case is, and the list of all."""

from typing import Callable, NamedTuple

SERVER, CLIENT = "server", "client"
#: What comes of a request whose service misbehaves: no whole success, or one.
FAILS, SUCCEEDS = "fails", "succeeds"


class Failed(Exception):
    """The peer did not do what it must."""


class Tolerated(Exception):
    """The peer did what another sentence of the RFC lets pass."""


class Skipped(Exception):
    """The case does not apply to this peer."""


class Case(NamedTuple):
    id: str
    #: The part of the peer that it tries: its server, or its client.
    role: str
    rfc: int
    section: str
    #: What is sent, or what must hold.
    what: str
    #: How the peer must take it; `expect.Expectation`.
    expected: object
    #: Where it sends the preface by itself.
    is_raw: bool
    needs: tuple
    run: Callable
    #: Of cases for clients: what must come of the request, `FAILS` or `SUCCEEDS`; None leaves it open.
    request: str | None = None


CASES = []


def case(section, what, expected, rfc=9113, role=SERVER, raw=False, needs=(), name=None, request=None):
    """Declares a case. Its identifier is the section and the function's name, so that none is renumbered."""

    def declare(function):
        slug = (name or function.__name__).replace("_", "-")
        prefix = "" if rfc == 9113 else f"rfc{rfc}-"
        whole = f"{'client-' if role == CLIENT else ''}{prefix}{section}/{slug}"
        assert all(other.id != whole for other in CASES), whole
        CASES.append(Case(whole, role, rfc, section, what, expected, raw, tuple(needs), function, request))
        return function

    return declare
