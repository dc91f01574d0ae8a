"""Autobahn's cases directly and through gateways: no behaviour may be worse than without one."""
import json
import os
import subprocess

from harness.peers import ROOT
from suite import convert

# From best to worst. How a connection closed is judged likewise.
RANKS = ["OK", "NON-STRICT", "INFORMATIONAL", "UNIMPLEMENTED", "WRONG CODE", "FAILED BY CLIENT", "UNCLEAN", "FAILED"]
# Sizes and times of these go beyond a quick run.
QUICK = "1.*,2.*,3.*,4.*,5.*,6.1.*,6.2.*,6.3.*,6.4.*,6.5.*,6.20.*,7.*,10.*,12.1.1,12.1.5,12.1.10,13.3.1,13.7.10"


FOLDER = os.path.join(ROOT, ".build-autobahn")


def beside(name):
    return os.path.join(os.path.dirname(os.path.abspath(__file__)), name)


def start_server(bench, port):
    """The server whose behaviour depends on no timing."""
    python, _ = convert.install(FOLDER)
    bench.start("strict-echo", [python, "-B", beside("strict_echo.py"), str(port)], port)


def results(bench, targets, cases):
    """Behaviours by target and case."""
    python, code = convert.install(FOLDER)
    driver = beside("fuzzing_client.py")
    output = bench.path("autobahn.json")
    with open(bench.path("autobahn.log"), "w") as log:
        pairs = [f"{label}={url}" for label, url in targets]
        done = subprocess.run([python, "-B", driver, code, cases, output, *pairs], stdout=log, stderr=log)
    if done.returncode or not os.path.exists(output):
        with open(bench.path("autobahn.log")) as log:
            raise SystemExit(f"Autobahn did not run: {log.read()[-3000:]}")
    with open(output) as file:
        return json.load(file)


def compare(bench, targets, cases, tally):
    """The first target is the direct one."""
    cases = {"all": "*", "quick": QUICK}.get(cases, cases)
    found = results(bench, targets, cases)
    (direct, _), *others = targets
    wanted = found[direct]
    for label, _ in targets:
        counts = {}
        for behaviour, *_ in found[label].values():
            counts[behaviour] = counts.get(behaviour, 0) + 1
        print(f"{label}: {len(found[label])} cases, " + ", ".join(
            f"{count} {name}" for name, count in sorted(counts.items(), key=lambda pair: RANKS.index(pair[0]))))
    for label, _ in others:
        missing = set(wanted) - set(found[label])
        for one in sorted(missing):
            tally.failed.append(f"{label}: {one} did not run")
        for one, (behaviour, close, told, told_close) in sorted(found[label].items()):
            was, was_close = wanted[one][:2]
            if RANKS.index(behaviour) > RANKS.index(was):
                tally.failed.append(f"{label}: {one} is {behaviour}, directly {was}: {told}")
            elif RANKS.index(close) > RANKS.index(was_close):
                tally.failed.append(f"{label}: {one} closes {close}, directly {was_close}: {told_close}")
            else:
                tally.passed += 1
