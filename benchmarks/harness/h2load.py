"""Load by h2load, and by the handshake client, on a core of their own."""
import os
import re
import subprocess

from harness.certificates import CIPHERS, GROUPS, NAME, SUITES
from harness.load import FIELDS, microseconds
from harness.process import LOAD_CORE, compile_c


class Load:
    """How h2load asks: `fields` are further ones, `body` a file that makes the request a POST, `count` the requests
    for each second it shall take, where those in flight at the end of a given time would be too large a part."""

    def __init__(self, path, tls=True, http1=False, clients=8, streams=32, rate=0, fields=(), body=None, count=0):
        self.path, self.tls, self.http1, self.count = path, tls, http1, count
        self.clients, self.streams = clients, streams
        self.rate = rate  # requests a second of each client; 0: as fast as answers come
        self.fields, self.body = [*FIELDS, *fields], body

    def command(self, port, seconds, log):
        command = ["taskset", "-c", LOAD_CORE, "h2load", "-t1", f"-c{self.clients}", f"-m{self.streams}",
                   f"-n{self.count * seconds}" if self.count else f"-D{seconds}", f"--connect-to=127.0.0.1:{port}", f"--log-file={log}"]
        command += [f"--ciphers={CIPHERS}", f"--tls13-ciphers={SUITES}", f"--groups={GROUPS}"] if self.tls else []
        command += ["--h1"] if self.http1 else []
        command += [f"--rps={self.rate}"] if self.rate else []
        command += [f"--data={self.body}"] if self.body else []
        for field in self.fields:
            command += ["-H", field]
        return command + [f"{'https' if self.tls else 'http'}://{NAME}:{port}{self.path}"]


def latencies(log):
    with open(log) as file:
        return sorted(int(line.split("\t")[2]) for line in file if line.count("\t") == 2)


def run(services, name, port, load, seconds):
    """What h2load says: requests, bytes of bodies, seconds, latencies in µs."""
    log = services.bench.path("h2load.log")
    if os.path.exists(log):
        os.remove(log)
    output = subprocess.run(load.command(port, seconds, log), capture_output=True, text=True,
                            env=services.certificates.environment()).stdout
    took = re.search(r"finished in ([\d.]+)(us|ms|s),", output)
    done = re.search(r"requests: .* (\d+) succeeded, (\d+) failed, (\d+) errored", output)
    status = re.search(r"status codes: (\d+) 2xx, (\d+) 3xx, (\d+) 4xx, (\d+) 5xx", output)
    traffic = re.search(r"traffic: .* \((\d+)\) data", output)
    good = took and done and status and traffic and (load.rate or int(done[1]))
    if not good or any(int(number) for number in (*done.groups()[1:], *status.groups()[1:])):
        raise SystemExit(f"{name} failed requests for {load.path}:\n{output}")
    if load.tls and not ("TLS Protocol: TLSv1.3\n" in output and f"Cipher: {SUITES}\n" in output):
        raise SystemExit(f"{name} agreed on something else than TLS 1.3 with {SUITES}:\n{output}")
    taken = latencies(log)
    # Requests that could not even be sent in time, because those before them had no answer, took the longest.
    taken += [seconds * 1_000_000] * max(0, load.clients * load.rate * seconds - len(taken))
    return {
        "requests": int(done[1]), "bytes": int(traffic[1]), "seconds": microseconds("".join(took.groups())) / 1e6,
        "p50_us": taken[len(taken) // 2], "p99_us": taken[len(taken) * 99 // 100],
    }


def measure(services, process, load, seconds, port=None):
    """One round: CPU per request in µs and per GB in ms, requests and GB a second, latency in µs."""
    before = process.cpu_ns()
    sample = run(services, process.name, port or process.port, load, seconds)
    spent = process.cpu_ns() - before
    return {
        "cpu_us": spent / 1000 / max(sample["requests"], 1),
        "cpu_ms_per_gb": spent / 1e6 / max(sample["bytes"] / 1e9, 1e-9),
        "requests_per_second": sample["requests"] / sample["seconds"],
        "gb_per_second": sample["bytes"] / 1e9 / sample["seconds"],
        "p50_us": sample["p50_us"], "p99_us": sample["p99_us"],
    }


def handshake_client(bench):
    source = os.path.join(bench.root, "benchmarks/clients/handshake.c")
    return compile_c(source, bench.path("handshake"), libraries=("-lssl", "-lcrypto"))


def handshake_command(bench, port, seconds, version="1.3", kind="full", at_once=32, rate=0):
    return ["taskset", "-c", LOAD_CORE, handshake_client(bench), str(port), str(seconds), str(at_once), version, kind,
            str(rate)]


def handshake_numbers(name, output, kind):
    result = {name: float(value) for name, value in re.findall(r"^(\w+) ([\d.]+)$", output, re.M)}
    whole = result.get("handshakes", 0)
    resumed = result.get("resumed", 0)
    wrong = result.get("failed", 0) + result.get("unfinished", 0)
    if not whole or wrong > whole / 1000 or (resumed < whole if kind == "resumed" else resumed):
        raise SystemExit(f"{name}: {kind} handshakes did not go well:\n{output}")
    return result


def measure_handshakes(bench, process, version, kind, seconds):
    """One round: CPU per handshake in µs, handshakes a second, latency in µs."""
    command = handshake_command(bench, process.port, seconds, version, kind)
    before = process.cpu_ns()
    output = subprocess.run(command, capture_output=True, text=True)
    spent = process.cpu_ns() - before
    result = handshake_numbers(process.name, output.stdout + output.stderr, kind)
    return {
        "cpu_us": spent / 1000 / result["handshakes"],
        "requests_per_second": result["handshakes"] / result["seconds"],
        "p50_us": result["p50_us"], "p99_us": result["p99_us"],
    }
