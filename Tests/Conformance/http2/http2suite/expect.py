"""Outcomes that a case accepts.

Each is asked again after every read until it says something; `PASS` is what the RFC's sentence demands,
`LENIENT` what another sentence of it lets pass (closing without GOAWAY, a stream error that ends the
connection). `--strict` takes `PASS` alone.
"""

import time

from .frames import *

PASS, LENIENT, FAIL = "pass", "lenient", "fail"


class Expectation:
    #: How the table of cases words it.
    text = ""

    def begin(self, peer):
        """Called once, after the case has sent all."""

    def verdict(self, peer):
        """`PASS`, `LENIENT`, a `(FAIL, why)`, or None as long as it is open."""
        raise NotImplementedError

    def __or__(self, other):
        return _Either([self, other])


class _Either(Expectation):
    def __init__(self, options):
        self.options = options
        self.text = ", or ".join(option.text for option in options)

    def __or__(self, other):
        return _Either([*self.options, other])

    def begin(self, peer):
        for option in self.options:
            option.begin(peer)

    def verdict(self, peer):
        verdicts = [option.verdict(peer) for option in self.options]
        for wanted in (PASS, LENIENT, None):
            if wanted in verdicts:
                return wanted
        return verdicts[0]


def _codes(codes):
    return " or ".join(error_name(code) for code in codes)


class connection(Expectation):
    """A connection error: GOAWAY with one of the codes, then the end of the connection (5.4.1)."""

    def __init__(self, *codes, may_just_close=False):
        self.codes, self.may_just_close = codes, may_just_close
        self.text = f"connection error {_codes(codes)}" + (", GOAWAY not needed" if may_just_close else "")

    def verdict(self, peer):
        if peer.goaways and peer.goaways[-1][1] not in self.codes + (NO_ERROR,):
            return FAIL, f"GOAWAY with {error_name(peer.goaways[-1][1])}"
        if peer.goaways and peer.goaways[-1][1] in self.codes:
            # It must close as well, but no sentence says when.
            return PASS if peer.is_closed else LENIENT
        if not peer.is_closed:
            return None
        return PASS if self.may_just_close else LENIENT


class stream(Expectation):
    """A stream error: RST_STREAM with one of the codes on a connection that lives on (5.4.2)."""

    def __init__(self, *codes, id=None):
        self.codes, self.id = codes, id
        self.text = f"stream error {_codes(codes)}"

    def verdict(self, peer):
        target = peer.streams.get(self.id or peer.number)
        if peer.goaways and peer.goaways[-1][1] in self.codes:
            return LENIENT
        if target and target.reset is not None:
            if not set(target.resets) & set(self.codes):
                return FAIL, f"RST_STREAM with {error_name(target.reset)}"
            return _is_alive(self, peer)
        if peer.is_closed:
            if peer.goaways and peer.goaways[-1][1] not in self.codes + (NO_ERROR,):
                return FAIL, f"GOAWAY with {error_name(peer.goaways[-1][1])}"
            return LENIENT
        return None


def _is_alive(option, peer):
    """Whether the connection still answers, asked once."""
    if option not in peer.notes:
        peer.notes[option] = len(peer.pongs)
        peer.send(ping(b"alive..?"))
    if len(peer.pongs) > peer.notes[option]:
        return PASS
    return LENIENT if peer.is_closed else None


class malformed(Expectation):
    """A malformed message: stream error PROTOCOL_ERROR; a server may answer 4xx besides (8.1.1)."""

    def __init__(self, id=None):
        self.reset = stream(PROTOCOL_ERROR, id=id)
        self.id = id
        self.text = "malformed: stream error PROTOCOL_ERROR, or a 4xx response that ends the stream"

    def verdict(self, peer):
        target = peer.streams.get(self.id or peer.number)
        if target and target.status is not None and not 400 <= target.status < 500:
            return FAIL, f"answered with {target.status}"
        if target and target.reset is not None or peer.is_closed:
            return self.reset.verdict(peer)
        return LENIENT if target and target.is_ended and target.status is not None else None


class answered(Expectation):
    """A whole final response."""

    def __init__(self, *statuses, id=1):
        self.statuses, self.id = statuses or (200,), id
        self.text = f"answered with {' or '.join(map(str, self.statuses))}"

    def verdict(self, peer):
        target = peer.streams.get(self.id)
        if target and target.is_ended:
            if target.status in self.statuses:
                return PASS
            return FAIL, f"answered with {target.status}"
        if peer.is_closed or target and target.reset is not None:
            return FAIL, "no response"
        return None


class refused(Expectation):
    """No success, by whatever means."""

    def __init__(self, id=1):
        self.id = id
        self.text = "any error status, or stream error"

    def verdict(self, peer):
        target = peer.streams.get(self.id)
        if target and target.status is not None and target.status < 400:
            return FAIL, f"answered with {target.status}"
        if target and (target.reset is not None or target.is_ended):
            return PASS
        return PASS if peer.is_closed else None


class alive(Expectation):
    """Nothing happens: the connection answers PING and the next request."""

    text = "no error: the connection goes on"

    def begin(self, peer):
        peer.notes[self] = (len(peer.pongs), peer.probe())

    def verdict(self, peer):
        pongs, number = peer.notes[self]
        if not peer.is_client and peer.is_closed and (not peer.goaways or peer.goaways[-1][1] == NO_ERROR):
            # A gateway may part from its service at any time.
            return PASS
        if peer.is_closed or peer.goaways:
            return FAIL, "the connection ended"
        target = peer.streams.get(number)
        if number and target and target.reset is not None:
            return FAIL, f"the next request was reset with {error_name(target.reset)}"
        is_answered = not number or target and target.is_ended and target.status == 200
        return PASS if len(peer.pongs) > pongs and is_answered else None


class lenient(Expectation):
    """What the RFC lets pass, though another sentence of it demands more."""

    def __init__(self, inner):
        self.inner = inner
        self.text = f"({inner.text})"

    def begin(self, peer):
        self.inner.begin(peer)

    def verdict(self, peer):
        found = self.inner.verdict(peer)
        return LENIENT if found == PASS else found


class done(Expectation):
    """The case itself has seen what it wanted."""

    def __init__(self, text):
        self.text = text

    def verdict(self, peer):
        return PASS


def judge(expected, peer, within, grace):
    """Reads until the outcome is clear: a verdict, and why or what was seen."""
    expected.begin(peer)
    state = {"found": None, "since": None}

    def is_clear():
        found = state["found"] = expected.verdict(peer)
        if found == LENIENT and state["since"] is None:
            state["since"] = time.monotonic()
        return found is not None and found != LENIENT

    deadline = time.monotonic() + within
    while not is_clear() and time.monotonic() < deadline and not peer.is_closed:
        left = deadline - time.monotonic()
        if state["since"] is not None:
            left = min(left, state["since"] + grace - time.monotonic())
            if left <= 0:
                break
        peer.run(is_clear, max(min(left, 0.05 if state["since"] else left), 0.001))
    found = expected.verdict(peer)
    if found is None:
        return FAIL, peer.seen()
    if isinstance(found, tuple):
        return found[0], f"{found[1]}: {peer.seen()}"
    return found, peer.seen()
