"""One outage: requests at a fixed rate while a backend is away, and where each of their records is afterwards."""
import json
import os
import re
import shutil
import signal
import subprocess
import tempfile
import threading
import time
import urllib.request

from harness import outage_backends
from harness.outage_backends import WAYS
from harness.process import LOAD_CORE, compile_c, fields_of, free_port
from harness.peers import write

CONNECTIONS = 16
# What a thread may wait in, beside epoll, which is where a worker waits for its sockets.
WAITING = {"futex", "poll", "ppoll", "select", "pselect6", "nanosleep", "clock_nanosleep", "fsync", "fdatasync", "flock",
           "wait4", "waitid", "sched_yield", "pause", "rt_sigtimedwait", "msgrcv", "semop", "semtimedop", "connect"}
QUEUE = {"spool": "1MiB", "drop": "256KiB"}
TRACED_SECONDS = 2


class Options:
    def __init__(self, rate, seconds, rounds, say):
        self.rate, self.seconds, self.rounds, self.say = rate, seconds, rounds, say


def instance(template, way):
    mark = f'"{way}" + request.original_path'
    params = {
        "logentry": {"timestamp": "request.time", "variables": {
            "id": mark, "method": "request.method", "status": "response.code", "took": "response.duration",
            "agent": 'request.headers["user-agent"]'}},
        "tracespan": {"spanTags": {"id": mark}},
        "metric": {"name": "hits", "kind": "counter", "value": "1"},
    }
    return {"name": way, "template": template, "params": params[template]}


def handler(backend, way, folder):
    adapter, config = backend.handler(way)
    result = {"name": way, "adapter": adapter, "config": config, "onFull": way, "queue": QUEUE[way],
              "batch": {"interval": "200ms"}, "retry": {"initial": "50ms", "limit": "500ms"}}
    if way == "spool":
        result["spool"] = {"path": os.path.join(folder, "spools")}
    if backend.template == "metric":
        result["metricInterval"] = "1s"
    return result


def configuration(bench, backend, folder, port, admin):
    return {
        "version": 1, "workers": 1, "admin": {"address": f"127.0.0.1:{admin}"},
        "listeners": [{"name": "public", "address": f"127.0.0.1:{port}", "timeouts": {"idle": "300s"}}],
        "routes": [{"name": "all", "rules": [
            {"match": {"path": {"prefix": "/"}}, "rewrite": {"path": {"replaceFull": "/100"}}, "service": "backend"}]}],
        "services": [{"name": "backend", "endpoints": [f"127.0.0.1:{bench.backend.port}"]}],
        "accessLog": {"format": "off"},
        "mixer": {
            "handlers": [handler(backend, way, folder) for way in WAYS],
            "instances": [instance(backend.template, way) for way in WAYS],
            "rules": [{"actions": [{"handler": way, "instances": [way]} for way in WAYS]}],
        },
    }


class Gateway:
    """Postern under load, and what it says of itself."""

    def __init__(self, bench, backend, folder):
        port, self.admin = free_port(), free_port()
        config = write(os.path.join(folder, "gateway.json"), json.dumps(
            configuration(bench, backend, folder, port, self.admin), indent=1))
        self.process = bench.start("backends", [*bench.first, os.path.join(bench.dist, "bin/postern-proxy"), "-c", config], port)
        self.pid = self.process.child.pid  # taskset and chrt became it
        self.resident = []
        self.is_over = threading.Event()
        threading.Thread(target=self.watch, daemon=True).start()

    def watch(self):
        while not self.is_over.wait(0.2):
            try:
                self.resident.append((time.monotonic(), fields_of(f"/proc/{self.pid}/status")["VmRSS"]))
            except (OSError, KeyError):
                return

    def highest(self, begin, end):
        return max((bytes for at, bytes in self.resident if begin <= at <= end), default=0)

    def metrics(self):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.admin}/stats/prometheus", timeout=20) as answer:
            return answer.read().decode()

    def value(self, name, text=None, **labels):
        """The sum of the series that have the labels."""
        total = 0
        for line in re.findall(rf"^{name}{{(.*)}} (\S+)$", text or self.metrics(), re.M):
            if all(f'{key}="{value}"' in line[0] for key, value in labels.items()):
                total += float(line[1])
        return total

    def await_drained(self, seconds=120):
        deadline = time.monotonic() + seconds
        while (left := self.value("postern_mixer_queue_records")) > 0:
            if time.monotonic() > deadline:
                raise SystemExit(f"{left:.0f} records still wait after {seconds} s; {self.process.log} may say why")
            time.sleep(0.2)

    def worker(self):
        """The thread that serves requests."""
        for task in os.listdir(f"/proc/{self.pid}/task"):
            with open(f"/proc/{self.pid}/task/{task}/comm") as file:
                if file.read().startswith("worker"):
                    return int(task)
        raise SystemExit("the gateway has no thread named 'worker…'")


def waits(worker, seconds):
    """All system calls of a thread for a while, and those of them in which it could have waited."""
    tracer = subprocess.Popen(
        ["strace", "-q", "-c", "-p", str(worker)], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    time.sleep(seconds)
    tracer.send_signal(signal.SIGINT)
    output = tracer.communicate()[1]
    rows = [line.split() for line in output.splitlines() if re.match(r"\s*[\d.]+\s+[\d.]+\s+\d", line)]
    called = {words[-1]: int(words[3]) for words in rows if words[-1] != "total"}
    if not any(name.startswith("epoll_") for name in called):
        raise SystemExit(f"strace saw no worker at work; it said:\n{output}")
    # Of a socket that does not block, connect fails with EINPROGRESS.
    failed = {words[-1]: int(words[4]) for words in rows if len(words) == 6}
    called["connect"] = called.get("connect", 0) - failed.get("connect", 0)
    return {"calls": sum(called.values()), "waits": {name: called[name] for name in WAITING if called.get(name)}}


def quantiles(requests, begin, end):
    """The p99 of each whole second from `begin` to `end`, in microseconds."""
    seconds = {}
    for _, due, took, status in requests:
        if begin <= due / 1e6 < begin + int(end - begin):
            seconds.setdefault(int(due / 1e6 - begin), []).append(took if status else 5_000_000)
    return [sorted(taken)[len(taken) * 99 // 100] for taken in seconds.values()]


def read_requests(path):
    with open(path) as file:
        return [tuple(map(int, line.split())) for line in file]


def run(bench, name, mode, options):
    """One round."""
    folder = tempfile.mkdtemp(prefix="outage.", dir=bench.work)
    os.chmod(folder, 0o755)
    kind = outage_backends.ALL[name]
    backend = kind(folder, mode) if name == "file" else kind(folder)
    gateway = load = None
    try:
        backend.start()
        gateway = Gateway(bench, backend, folder)
        results = os.path.join(folder, "requests")
        client = compile_c(os.path.join(bench.root, "benchmarks/clients/paced.c"), bench.path("paced"))
        load = subprocess.Popen(["taskset", "-c", LOAD_CORE, *bench.first, client, str(gateway.process.port), str(options.rate),
                                 str(CONNECTIONS), "/", results])
        time.sleep(2)
        times = [time.monotonic()]
        for action in (lambda: None, lambda: backend.take_away(mode)):
            action()
            time.sleep(options.seconds)
            times.append(time.monotonic())
        traced = waits(gateway.worker(), TRACED_SECONDS)
        backend.bring_back(mode)
        time.sleep(options.seconds / 2)
        load.terminate()
        load.wait(20)
        gateway.await_drained()
        return result(backend, gateway, read_requests(results), times, traced)
    finally:
        if load and load.poll() is None:
            load.kill()
        if gateway:
            gateway.is_over.set()
            bench.stop(gateway.process)
        if mode == "silent" and getattr(backend, "child", None):
            backend.pause(False)
        backend.stop()
        shutil.rmtree(folder, ignore_errors=True)


def result(backend, gateway, requests, times, traced):
    text = gateway.metrics()
    begin, middle, end = times
    found = {
        "sent": len(requests), "failed": sum(status != 200 for *_, status in requests),
        "before_us": quantiles(requests, begin, middle), "during_us": quantiles(requests, middle, end), **traced,
        "ring_full": gateway.value("postern_mixer_records_lost_total", text, reason="ring_full"),
        "resident": [gateway.highest(begin, middle), gateway.highest(middle, end), gateway.highest(end, time.monotonic())],
    }
    lost = {way: gateway.value("postern_mixer_records_lost_total", text, handler=way) for way in WAYS}
    counted = await_all(backend, len(requests), lost)
    return {**found, **{way: {"missing": len(requests) - counted[way][0], "again": counted[way][1], "lost": lost[way]}
                        for way in WAYS}}


def counted_now(backend, way, sent):
    """How many of the requests a backend shows, and how many a second time."""
    if backend.template == "metric":
        return backend.counted(way), 0
    arrived = backend.arrived()[way]
    return len(arrived.keys() & range(sent)), sum(arrived.values()) - len(arrived)


def await_all(backend, sent, lost, patience=10):
    """What a backend shows, once that is everything, or has not changed for a while: some show what they took later."""
    counted, end = None, time.monotonic() + patience
    while True:
        fresh = {way: counted_now(backend, way, sent) for way in WAYS}
        if fresh != counted:
            counted, end = fresh, time.monotonic() + patience
        if all(sent - counted[way][0] == lost[way] for way in WAYS) or time.monotonic() > end:
            return counted
        time.sleep(0.5)


def faults(name, found):
    """What is not as it must be; the latencies are judged over all rounds."""
    acknowledges = outage_backends.ALL[name].acknowledges
    said = []
    if found["failed"]:
        said.append(f"{found['failed']} requests failed")
    if found["waits"]:
        said.append(f"a worker waited: {found['waits']}")
    if found["ring_full"]:
        said.append(f"{found['ring_full']:.0f} records found a ring full")
    for way in WAYS:
        unexplained = found[way]["missing"] - found[way]["lost"]
        # What was given to a server that acknowledges nothing may end with it.
        if unexplained < 0 or (unexplained > 0 and acknowledges):
            said.append(f"{way}: {found[way]['missing']} are missing, {found[way]['lost']:.0f} counted as lost")
    if found["spool"]["lost"]:
        said.append(f"spool: {found['spool']['lost']:.0f} lost")
    grown = max(found["resident"]) - found["resident"][0]
    if grown > 8e6:
        said.append(f"{grown / 1e6:.1f} MB more memory")
    return said
