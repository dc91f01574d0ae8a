"""A backend's process: started until it is ready, killed, made to stand still, stopped."""
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import time

# Where a virtual environment keeps its programs; `run` is started by that of dev/bootstrap.
PROGRAMS = os.path.dirname(sys.executable)
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


def program(name, *folders):
    """The path of a program, from `folders`, the virtual environment or PATH."""
    for folder in (*folders, PROGRAMS):
        if os.access(os.path.join(folder, name), os.X_OK):
            return os.path.join(folder, name)
    found = shutil.which(name)
    if not found:
        raise SystemExit(f"{name} is missing: run dev/bootstrap --backends")
    return found


class Server:
    """A process with a port. Subclasses say how it is started and what it shows."""

    stop_signal = signal.SIGTERM

    def __init__(self, name, folder, port=None):
        self.name, self.port = name, port or free_port()
        self.folder = os.path.join(folder, name)
        self.log = os.path.join(folder, name + ".log")
        self.child = None
        os.makedirs(self.folder, exist_ok=True)

    def command(self):
        raise NotImplementedError

    def environment(self):
        return None

    def is_ready(self):
        try:
            socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
            return True
        except OSError:
            return False

    def start(self, within=60):
        deadline = time.monotonic() + within
        is_again = self.child is not None
        while True:
            with open(self.log, "ab") as log:
                self.child = subprocess.Popen(
                    self.command(), stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, cwd=self.folder,
                    env=self.environment())
            while self.child.poll() is None and time.monotonic() < deadline:
                if self.is_ready():
                    return self
                time.sleep(0.05)
            # One that was killed may have left something that must end first.
            if not is_again or time.monotonic() >= deadline:
                self.stop()
                with open(self.log, errors="replace") as log:
                    raise SystemExit(f"{self.name} did not start; it said:\n{log.read()[-2000:]}")
            time.sleep(0.2)

    def pids(self):
        """The process and all below it."""
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

    def send(self, number):
        for pid in self.pids():
            try:
                os.kill(pid, number)
            except ProcessLookupError:
                pass

    def kill(self):
        """Ends it at once, with all it had not written."""
        self.send(signal.SIGKILL)
        self.child.wait()

    def pause(self, is_paused):
        """Makes it stand still, its connections open, or lets it go on."""
        self.send(signal.SIGSTOP if is_paused else signal.SIGCONT)

    def stop(self):
        if not self.child or self.child.poll() is not None:
            return
        self.child.send_signal(self.stop_signal)
        try:
            self.child.wait(10)
        except subprocess.TimeoutExpired:
            self.kill()


def text_of(path):
    """A file's text, none while there is no file."""
    try:
        with open(path, errors="replace") as file:
            return file.read()
    except FileNotFoundError:
        return ""
