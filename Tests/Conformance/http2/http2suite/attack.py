"""What an attack is, and what it costs the process that is attacked."""

import json
import os
import socket
import threading
import time

from .case import Failed
from .frames import *
from .target import Client

MIB = 1 << 20
# An attack that the target must end has this long, once it is over, to see that it was, in seconds.
END_SEEN_WITHIN = 8
ATTACKS = []


def attack(name, what, limit=16, ends=False):
    """Declares one: MiB that memory may grow by, and whether the target must end its connections."""
    def declare(function):
        ATTACKS.append((name, what, limit, ends, function))
        return function
    return declare


class Attacker:
    """One connection of an attack after the other."""

    def __init__(self, target, until, patience=0.05):
        self.target, self.until, self.patience = target, until, patience
        self.frames = 0
        self.connections = 0
        self.ends = {}
        self.peer = None

    @property
    def is_over(self):
        return time.monotonic() >= self.until or (self.peer is not None and self.peer.is_closed)

    def connect(self, *pairs, receive_buffer=None):
        self.peer = None
        sock = self.target.connect()
        if receive_buffer:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.peer = Client(self.target, sock)
        self.connections += 1
        self.since = time.monotonic()
        self.peer.handshake(*pairs)
        self.stream = -1
        return self.peer

    def next_stream(self):
        self.stream += 2
        return self.stream

    def send(self, octets, frames, reads=True):
        """Many frames in one write. Who does not read leaves what the target answers in its sockets."""
        peer = self.peer
        try:
            peer.sock.settimeout(0.2 if not reads else 2)
            peer.sock.sendall(octets)
            self.frames += frames
        except TimeoutError:
            # The target takes nothing more: neither does it work. Parts of frames may have gone.
            time.sleep(0.05)
            return False
        except OSError:
            peer._receive_rest()
            return False
        if reads:
            peer.run(lambda: False, 0)
        return True

    def count_end(self):
        peer = self.peer
        if peer is None:
            return
        # What the clock has cut off says nothing.
        age = time.monotonic() - self.since
        if not peer.is_closed and not peer.goaways:
            # GOAWAY comes behind all that the attacker has not read, through a window that it has kept shut.
            peer.run(lambda: peer.goaways or peer.is_closed, self.patience if age > 1 else 0.05)
        name = (error_name(peer.goaways[-1][1]) if peer.goaways else "closed" if peer.is_closed
                else "goes on" if age > 1 else "cut off")
        self.ends[name] = self.ends.get(name, 0) + 1
        peer.close()


class Measure:
    """Memory and processor time of a process."""

    def __init__(self, pid):
        self.pid = pid
        self.base = self.peak = self._resident()
        self.cpu = self._cpu()
        self.is_over = False
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def _resident(self):
        with open(f"/proc/{self.pid}/status") as status:
            return next(int(line.split()[1]) * 1024 for line in status if line.startswith("VmRSS"))

    def _cpu(self):
        with open(f"/proc/{self.pid}/stat") as stat:
            fields = stat.read().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / 100

    def _watch(self):
        while not self.is_over:
            try:
                self.peak = max(self.peak, self._resident())
            except (OSError, StopIteration):
                return
            time.sleep(0.02)

    def finish(self):
        self.is_over = True
        self._thread.join()
        return (self.peak - self.base) / MIB, self._cpu() - self.cpu


class Witness(threading.Thread):
    """Another client: asks twenty times a second, now and then on a new connection."""

    def __init__(self, target, until, path):
        super().__init__(daemon=True)
        self.target, self.until, self.path = target, until, path
        self.answered, self.slowest, self.failures = 0, 0.0, []

    def run(self):
        while time.monotonic() < self.until:
            try:
                peer = Client(self.target)
                try:
                    self._ask(peer)
                finally:
                    peer.close()
            except (OSError, Failed) as error:
                self.failures.append(str(error))

    def _ask(self, peer):
        start = time.monotonic()
        peer.handshake()
        for number in range(1, 41, 2):
            peer.get(number, self.path)
            if peer.response(number).status != 200:
                raise Failed(f"status {peer.streams[number].status}")
            self.answered += 1
            self.slowest = max(self.slowest, time.monotonic() - start)
            if time.monotonic() >= self.until:
                return
            time.sleep(0.05)
            start = time.monotonic()


def run(one, target, pid, seconds, connections, alive):
    name, what, limit, ends, function = one
    measure = Measure(pid)
    until = time.monotonic() + seconds
    patient = target._replace(timeout=10)
    witness = Witness(patient, until, alive)
    # Before the other client's thread is there, which may hold a lock of OpenSSL's just when a child is made.
    patience = END_SEEN_WITHIN if ends else 0.05
    told = _start_child(function, target._replace(timeout=3), until, connections, patience)
    witness.start()
    attackers = _finish_child(*told)
    witness.join(15)
    growth, cpu = measure.finish()
    how = {}
    for _, _, ends_of_one in attackers:
        for end, count in ends_of_one.items():
            how[end] = how.get(end, 0) + count
    problems = []
    if not any(count for _, count, _ in attackers):
        problems.append("no attacker got a connection")
    if growth > limit:
        problems.append(f"memory grew by {growth:.1f} MiB, at most {limit} allowed")
    if witness.failures or not witness.answered:
        problems.append(f"another client failed {len(witness.failures)} times: {witness.failures[:1]}")
    if ends and "goes on" in how:
        problems.append("the flood was let go on")
    return {
        "name": name, "what": what, "growth": round(growth, 1), "limit": limit, "cpu": round(cpu, 2),
        "frames": sum(frames for frames, _, _ in attackers),
        "connections": sum(count for _, count, _ in attackers), "ends": how,
        "answered": witness.answered, "slowest": round(witness.slowest, 3), "problems": problems,
    }


def _start_child(function, target, until, connections, patience):
    """Attackers in a process of their own, which shares no interpreter with the other client and the origin."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.close(reader)
            told = _attack_all(function, target, until, connections, patience)
            with os.fdopen(writer, "w") as out:
                json.dump(told, out)
        finally:
            os._exit(0)
    os.close(writer)
    return child, reader


def _finish_child(child, reader):
    """Of each attacker the frames, the connections, and how these ended."""
    with os.fdopen(reader) as told:
        text = told.read()
    os.waitpid(child, 0)
    return json.loads(text or "[]")


def _attack_all(function, target, until, connections, patience):
    attackers = [Attacker(target, until, patience) for _ in range(connections)]
    threads = [threading.Thread(target=_attack, args=(function, attacker), daemon=True) for attacker in attackers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(until + 15 - time.monotonic())
    return [(attacker.frames, attacker.connections, attacker.ends) for attacker in attackers]


def _attack(function, attacker):
    while time.monotonic() < attacker.until:
        try:
            function(attacker)
        except (OSError, Failed):
            time.sleep(0.02)
        finally:
            try:
                attacker.count_end()
            except OSError:
                pass
            attacker.peer = None


def run_all(target, pid, seconds=3, connections=4, only=(), alive="/"):
    """Asks for `alive` meanwhile, which an origin that is flooded too should not have to answer.

    Warms the target up, then one attack after the other."""
    run(("warm-up", "", 1 << 20, False, _warm_up), target, pid, 1, connections, alive)
    return [run(one, target, pid, seconds, connections, alive) for one in ATTACKS if not only or one[0] in only]


def _warm_up(attacker):
    peer = attacker.connect((INITIAL_WINDOW_SIZE, 1 << 20))
    peer.send(window_update(0, 1 << 24))
    for number in range(1, 41, 2):
        peer.get(number, "/big")
        peer.response(number)


def table(results):
    lines = []
    for one in results:
        mark = "FAIL" if one["problems"] else "pass"
        how = ", ".join(f"{count} × {end}" for end, count in sorted(one["ends"].items()))
        lines.append(
            f"{mark} {one['name']}: +{one['growth']} MiB (limit {one['limit']}), {one['cpu']} s CPU, "
            f"{one['frames']} frames on {one['connections']} connections ({how}); other client: "
            f"{one['answered']} answers, slowest {one['slowest']} s" + "".join(f"\n     {p}" for p in one["problems"]))
    return "\n".join(lines)
