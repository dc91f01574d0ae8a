"""Processes of a test: started in a folder of their own, waited for, and ended by their id."""
import os
import random
import resource
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

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


class Process:
    """A program that listens. Its output is in a file, shown when it does not start."""

    def __init__(self, name, command, folder, port=None, cwd=None, environment=None):
        self.name, self.log = name, os.path.join(folder, name + ".log")
        with open(self.log, "wb") as output:
            self.child = subprocess.Popen(
                command, stdout=output, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, cwd=cwd,
                env={**os.environ, **(environment or {})})
        if port:
            self.await_that(lambda: self.listens(port), f"does not listen on {port}")

    @staticmethod
    def listens(port):
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return True
        except OSError:
            return False

    def await_that(self, condition, complaint):
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and self.child.poll() is None:
            value = condition()
            if value:
                return value
            time.sleep(0.02)
        self.stop()
        raise SystemExit(f"{self.name} {complaint}; it said:\n{self.said()[-3000:]}")

    def said(self):
        with open(self.log, errors="replace") as file:
            return file.read()

    def stop(self):
        if self.child.poll() is None:
            self.child.terminate()
            try:
                self.child.wait(5)
            except subprocess.TimeoutExpired:
                self.child.kill()
                self.child.wait()


class Bench:
    """A temporary folder and the processes of one run."""

    def __init__(self):
        # Ended from outside, it still ends what it has started.
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
        self.folder = tempfile.mkdtemp(prefix="postern-conformance-")
        self.processes = []

    def path(self, *parts):
        return os.path.join(self.folder, *parts)

    def write(self, name, text):
        with open(self.path(name), "w") as file:
            file.write(text)
        return self.path(name)

    def start(self, name, command, port=None, **options):
        process = Process(name, command, self.folder, port, **options)
        self.processes.append(process)
        return process

    def stop(self):
        for process in reversed(self.processes):
            process.stop()
        self.processes = []
        if os.environ.get("KEEP_LOGS"):
            print(f"logs and configurations are in {self.folder}")
        else:
            shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()


def raise_descriptor_limit(wanted):
    """Raises the limit of open files, which children inherit, as far as is allowed."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(wanted, hard), hard))
