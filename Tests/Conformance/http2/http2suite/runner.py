"""Runs cases against a peer, and says what came of each."""

import time
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

from .case import CASES, SERVER, Failed, Skipped, Tolerated
from .expect import FAIL, LENIENT, PASS, judge
from .target import Client

SKIP = "skip"


class Result(NamedTuple):
    id: str
    verdict: str
    #: What was seen.
    why: str
    seconds: float

    def is_failure(self, is_strict):
        return self.verdict == FAIL or is_strict and self.verdict == LENIENT


def chosen(role, only):
    """The cases of a role whose section or identifier begins with one of `only`."""
    return [one for one in CASES if one.role == role and (not only or any(_matches(one, key) for key in only))]


def _matches(one, key):
    return one.id.removeprefix("client-").startswith(key) or one.section == key or one.section.startswith(key + ".")


def run(cases, target, jobs=4, grace=1.0):
    """Results in the order of the cases. Each has a connection of its own."""
    with ThreadPoolExecutor(jobs) as pool:
        return list(pool.map(lambda one: _run(one, target, grace), cases))


def run_gateway(cases, service):
    """As `run`, one after the other: the gateway has one service."""
    results = []
    for one in cases:
        start = time.monotonic()
        verdict, why = service.run(one)
        results.append(Result(one.id, verdict, why, round(time.monotonic() - start, 3)))
    return results


def _run(one, target, grace):
    start = time.monotonic()
    verdict, why = _try(one, target, grace)
    return Result(one.id, verdict, why, round(time.monotonic() - start, 3))


def _try(one, target, grace):
    missing = [feature for feature in one.needs if feature not in target.features]
    if missing:
        return SKIP, f"the service cannot do {', '.join(missing)}"
    peer = None
    try:
        if one.is_raw:
            peer = one.run(target)
            if peer is None:
                return PASS, ""
        else:
            peer = Client(target)
            peer.handshake()
            one.run(peer)
        verdict, why = judge(one.expected, peer, target.timeout, grace)
    except Skipped as skipped:
        return SKIP, str(skipped)
    except Tolerated as tolerated:
        verdict, why = LENIENT, str(tolerated)
    except Failed as failed:
        return FAIL, _with_violations(str(failed), peer)
    except Exception as error:  # A peer can break a case in ways that nobody foresaw.
        return FAIL, _with_violations(f"{type(error).__name__}: {error}", peer)
    finally:
        if peer is not None:
            peer.close()
    if peer is not None and peer.violations:
        return FAIL, _with_violations(why, peer)
    return verdict, why


def _with_violations(why, peer):
    if peer is None or not peer.violations:
        return why
    return f"{why}; the peer broke a rule besides: {'; '.join(dict.fromkeys(peer.violations))}"


def totals(results):
    counts = {verdict: 0 for verdict in (PASS, LENIENT, FAIL, SKIP)}
    for one in results:
        counts[one.verdict] += 1
    return counts


__all__ = ["Result", "chosen", "run", "run_gateway", "totals", "SERVER", "SKIP", "FAIL", "LENIENT", "PASS"]
