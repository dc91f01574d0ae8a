"""Load by wrk on a core of its own, and what it and the proxy's CPU clock say."""
import re
import statistics
import subprocess

from harness.process import LOAD_CORE

CONNECTIONS = 64
# With Host, seven fields.
FIELDS = [
    "User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
    "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
    "Accept-Language: en-GB,en;q=0.7,de;q=0.3",
    "Accept-Encoding: gzip, deflate, br",
    "Cookie: session=5f2b6c1e9a; theme=dark",
    "Referer: https://www.example.com/start",
]
UNITS = {"us": 1, "ms": 1_000, "s": 1_000_000}


def microseconds(text):
    number, unit = re.fullmatch(r"([\d.]+)(us|ms|s)", text).groups()
    return float(number) * UNITS[unit]


def run_wrk(port, path, seconds, more=()):
    command = ["taskset", "-c", LOAD_CORE, "wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "--latency"]
    for field in [*FIELDS, *more]:
        command += ["-H", field]
    command.append(f"http://127.0.0.1:{port}{path}")
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def measure(process, path, seconds, more=()):
    """One round: CPU per request in µs (and that of threads called `worker`), requests a second, latency in µs."""
    before, before_of_workers = process.cpu_ns(), process.cpu_ns("worker")
    output = run_wrk(process.port, path, seconds, more)
    spent, spent_by_workers = process.cpu_ns() - before, process.cpu_ns("worker") - before_of_workers
    if "Non-2xx" in output or "Socket errors" in output:
        raise SystemExit(f"{process.name} failed requests for {path}:\n{output}")
    requests = int(re.search(r"(\d+) requests in", output).group(1))
    return {
        "cpu_us": spent / 1000 / max(requests, 1),
        "worker_us": spent_by_workers / 1000 / max(requests, 1),
        "requests_per_second": float(re.search(r"Requests/sec:\s+([\d.]+)", output).group(1)),
        "p50_us": microseconds(re.search(r"^ *50% +(\S+)", output, re.M).group(1)),
        "p99_us": microseconds(re.search(r"^ *99% +(\S+)", output, re.M).group(1)),
    }


def rounds(processes, path, count, seconds, say, more=()):
    """Medians over `count` rounds of wrk; `more` are further fields."""
    for process in processes:
        run_wrk(process.port, path, 1, more)  # to warm up
    return interleaved(processes, path, count, say, lambda process: measure(process, path, seconds, more))


def interleaved(processes, title, count, say, measured):
    """Medians over `count` rounds of what `measured` returns; in each, every process has its turn."""
    samples = {process.name: [] for process in processes}
    for turn in range(count):
        for process in processes:
            sample = measured(process)
            samples[process.name].append(sample)
            say(f"{title:5} round {turn + 1}: {process.name:18} {sample['cpu_us']:8.2f} us CPU each, "
                f"{sample['requests_per_second']:9.0f} a second")
    return {
        name: {key: statistics.median(sample[key] for sample in taken) for key in taken[0]}
        for name, taken in samples.items()
    }
