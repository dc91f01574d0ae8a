"""Single functions: nanoseconds from MicroBenchmarks, instructions from benchmarks/instructions.txt."""
import os
import re
import subprocess

from harness.process import PROXY_CORE

TITLES = {
    "calls-one-module": "a path through three functions, within a module",
    "calls-across-modules": "the same, across modules",
    "parse-request-head": "parse a request's head, seven fields",
    "parse-response-head": "parse a response's head",
    "write-request-head": "write a request's head",
    "read-two-set-one": "read two fields of a head, set one",
    "route": "match among 10,000 routes of 1,000 hosts",
    "route-conditions": "the same, each rule with a method and two fields",
    "route-regex": "the same, each rule with a regular expression",
    "request": "a whole small request of the gateway, in user space",
}


def binary(root):
    command = [os.path.join(root, "dev/swift-release")]
    subprocess.run(command + ["--product", "MicroBenchmarks"], check=True, stdout=subprocess.DEVNULL,
                   env={**os.environ, "POSTERN_BENCH": "1"})
    shown = subprocess.run(command + ["--show-bin-path"], check=True, capture_output=True, text=True)
    return os.path.join(shown.stdout.strip(), "MicroBenchmarks")


def runtime():
    """Where the toolchain keeps Swift's libraries, which a release finds beside itself."""
    swift = subprocess.run(["which", "swift"], check=True, capture_output=True, text=True).stdout.strip()
    return os.path.join(os.path.dirname(os.path.dirname(os.path.realpath(swift))), "lib/swift/linux")


def instructions(root):
    with open(os.path.join(root, "benchmarks/instructions.txt")) as file:
        return {line.split()[0]: float(line.split()[1]) for line in file if line.strip() and not line.startswith("#")}


def measured(root, say):
    """Nanoseconds (none for what is only counted) and instructions, by name."""
    output = subprocess.run(
        ["taskset", "-c", PROXY_CORE, binary(root)], check=True, capture_output=True, text=True,
        env={**os.environ, "LD_LIBRARY_PATH": runtime()}).stdout
    say(output.rstrip())
    times = {name: float(value) for name, value in re.findall(r"^([a-z0-9-]+): ([\d.]+) ns", output, re.M)}
    counts = instructions(root)
    return {name: (times.get(name), counts.get(name)) for name in {**times, **counts}}
