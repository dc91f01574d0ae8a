"""A process that calls: `python -m suite.calling PROTOCOL CALLS FACTS`. Says what became of it as JSON."""
import importlib
import json
import sys
import threading
import time

THREADS = 4
# A short connection makes so many calls; the first of the threads keeps one connection for all of its calls.
CALLS_OF_ONE = 20


class Worker(threading.Thread):
    """One client after the other, or a single one, and their calls."""

    def __init__(self, number, calls, make):
        super().__init__(daemon=True)
        self.number, self.wanted, self.make = number, calls, make
        self.calls = self.connections = self.failed = 0
        self.failures = []

    def run(self):
        client = None
        while self.calls < self.wanted:
            call = self.calls
            self.calls += 1
            try:
                if client is None:
                    self.connections += 1
                    client = self.make(self.number)
                client.call(call)
                if self.number > 0 and call % CALLS_OF_ONE == CALLS_OF_ONE - 1:
                    client.close()
                    client = None
            except Exception as error:  # a call may fail in every way
                self._count(client, call, error)
                client = None
        if client is not None:
            client.close()

    def _count(self, client, call, error):
        self.failed += 1
        if len(self.failures) < 5:
            self.failures.append(f"call {call} of client {self.number}: {type(error).__name__}: {error}"[:600])
        try:
            if client is not None:
                client.close()
        except Exception as problem:  # it may be broken
            self.failures.append(f"  and closing it: {problem}"[:200])


def main():
    protocol, calls, facts = sys.argv[1], int(sys.argv[2]), json.loads(sys.argv[3])
    clients = importlib.import_module(f"suite.{protocol}_client")
    make = clients.maker(facts)
    start = time.monotonic()
    workers = [Worker(number, calls // THREADS + (number < calls % THREADS), make) for number in range(THREADS)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    print(json.dumps({
        "seconds": time.monotonic() - start, "failures": [one for worker in workers for one in worker.failures],
        **{name: sum(getattr(worker, name) for worker in workers) for name in ("calls", "connections", "failed")}}))


if __name__ == "__main__":
    main()
