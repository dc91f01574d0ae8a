"""A process under test: where it runs, what it costs, how much memory it holds."""
import os
import random
import resource
import shutil
import socket
import subprocess
import time

PROXY_CORE = "0"
LOAD_CORE = "1"
# Ports that were given and may not be in use yet.
GIVEN = set()


def free_port():
    """A port below those that the system gives to connections, which could take it before a server does."""
    while True:
        port = random.randrange(20_000, 32_768)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        if port not in GIVEN:
            GIVEN.add(port)
            return port


def raise_descriptor_limit(wanted):
    """Raises the limit of open files, which children inherit, as far as allowed; returns what it is."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    for limit in (max(wanted, hard), hard):
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))
            return limit
        except (ValueError, PermissionError):
            continue
    return descriptor_limit()


def descriptor_limit():
    return resource.getrlimit(resource.RLIMIT_NOFILE)[0]


def fields_of(path):
    """A file of /proc with lines `Name: value kB`, in bytes."""
    result = {}
    with open(path) as file:
        for line in file:
            words = line.split()
            if len(words) == 3 and words[2] == "kB":
                result[words[0].rstrip(":")] = int(words[1]) * 1024
    return result


class Process:
    """A server with its children, started on the core of the proxies."""

    def __init__(self, name, command, port, log, cwd=None, environment=None):
        self.name, self.port, self.log = name, port, log
        self.plain_port = None  # of a second listener, without TLS
        with open(log, "wb") as output:
            self.child = subprocess.Popen(
                ["taskset", "-c", PROXY_CORE] + command, stdout=output, stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL, cwd=cwd, env=environment)
        self.await_port()

    def await_port(self):
        deadline = time.monotonic() + 15
        while time.monotonic() < deadline:
            if self.child.poll() is not None:
                break
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
                return
            except OSError:
                time.sleep(0.02)
        self.stop()
        with open(self.log, errors="replace") as file:
            raise SystemExit(f"{self.name} does not listen on {self.port}; it said:\n{file.read()[-3000:]}")

    def pids(self):
        """The process and everything below it."""
        parents = {}
        for entry in filter(str.isdigit, os.listdir("/proc")):
            try:
                with open(f"/proc/{entry}/stat") as file:
                    parents[int(entry)] = int(file.read().rpartition(")")[2].split()[1])
            except OSError:
                continue
        found = [self.child.pid]
        for pid in found:
            found += [child for child, parent in parents.items() if parent == pid]
        return found

    def cpu_ns(self, prefix=""):
        """CPU time so far of all threads whose names begin so."""
        total = 0
        for pid in self.pids():
            for task in os.listdir(f"/proc/{pid}/task"):
                with open(f"/proc/{pid}/task/{task}/comm") as file:
                    if not file.read().startswith(prefix):
                        continue
                with open(f"/proc/{pid}/task/{task}/schedstat") as file:
                    total += int(file.read().split()[0])
        return total

    def memory(self):
        """Resident bytes, and those of pages that were written to and so are no other process's."""
        rollups = [fields_of(f"/proc/{pid}/smaps_rollup") for pid in self.pids()]
        return {
            "resident": sum(one["Rss"] for one in rollups),
            "private": sum(one["Private_Dirty"] for one in rollups),
        }

    def stop(self):
        self.child.terminate()
        try:
            self.child.wait(5)
        except subprocess.TimeoutExpired:
            self.child.kill()
            self.child.wait()


def compile_c(source, output, *flags, libraries=()):
    """Compiles when the source is newer."""
    if os.path.exists(output) and os.path.getmtime(output) > os.path.getmtime(source):
        return output
    compiler = shutil.which("cc") or shutil.which("clang")
    subprocess.run(
        [compiler, "-std=gnu11", "-O2", "-Wall", "-Werror", *flags, "-o", output, source, *libraries], check=True)
    return output
