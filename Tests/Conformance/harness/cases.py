"""Cases: functions whose first line of documentation is the sentence they show."""
import time
import traceback


class Case:
    """One function of a suite."""

    def __init__(self, group, function):
        self.group, self.function = group, function
        self.name = function.__name__.replace("_", "-")
        self.sentence = (function.__doc__ or "").strip().split("\n")[0]


CASES = []


def case(group):
    """Makes a function a case of a group; it gets the peer, and fails by raising."""

    def register(function):
        CASES.append(Case(group, function))
        return function

    return register


def same(got, wanted, what="value"):
    if got != wanted:
        raise AssertionError(f"{what}: {shown(got)}, not {shown(wanted)}")


def shown(value):
    text = repr(value)
    return text if len(text) <= 300 else f"{text[:300]}… ({len(text)} characters)"


def eventually(condition, what, seconds=20):
    """Waits for a state; fails when it does not come."""
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"did not come about in {seconds} s: {what}")
        time.sleep(0.005)


class Tally:
    """What became of the cases, over all peers."""

    def __init__(self):
        self.passed, self.failed, self.known = 0, [], 0

    def run(self, label, peer, cases, known=None, verbose=False):
        """Runs cases against one peer. `known` says, by name, why a case fails there; one that passes is told."""
        known = known or {}
        for one in cases:
            place = f"{label}: {one.name}"
            try:
                one.function(peer)
                error = None
            except Exception as problem:  # a case may fail in every way
                error = f"{type(problem).__name__}: {problem}".strip()
                if verbose:
                    traceback.print_exc()
            if one.name in known:
                if error:
                    self.known += 1
                    print(f"  as known  {place}: {known[one.name]}", flush=True)
                else:
                    self.failed.append(place)
                    print(f"  FAILED    {place} passes now, but is listed as known: {known[one.name]}", flush=True)
            elif error:
                self.failed.append(place)
                print(f"  FAILED    {place}: {one.sentence}\n            {error}", flush=True)
            else:
                self.passed += 1
                print(f"  ok        {place}: {one.sentence}", flush=True)

    def close(self):
        """The last lines, and the code to exit with."""
        for place in self.failed:
            print(f"failed: {place}")
        if self.known:
            print(f"{self.known} as known of other gateways")
        print(f"{self.passed} passed, {len(self.failed)} failed")
        return 1 if self.failed or not self.passed else 0


def chosen(only):
    """The cases whose name or group is among those of `--only`; all without."""
    words = [word for word in (only or "").split(",") if word]
    unknown = [word for word in words if all(word not in (one.name, one.group) for one in CASES)]
    if unknown:
        raise SystemExit(f"--only: there is no case or group {', '.join(unknown)}")
    return [one for one in CASES if not words or one.name in words or one.group in words]
