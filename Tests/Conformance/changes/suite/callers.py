"""The processes that call, one for each protocol, and what they have to say at the end."""
import json
import os
import subprocess
import sys

HERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


class Result:
    """What one process says at its end."""

    def __init__(self, protocol, calls, text):
        self.protocol, self.wanted = protocol, calls
        try:
            said = json.loads(text)
        except ValueError:
            said = {"calls": 0, "connections": 0, "seconds": 0, "failed": 1, "failures": [f"no result, but: {text[-500:]}"]}
        self.calls, self.connections, self.seconds = said["calls"], said["connections"], said["seconds"]
        self.failed, self.failures = said["failed"], said["failures"]

    @property
    def is_good(self):
        return self.failed == 0 and self.calls == self.wanted

    def __str__(self):
        return (f"{self.protocol:10} {self.calls:6} calls on {self.connections:4} connections in {self.seconds:5.1f} s, "
                f"{self.failed} failed")


class Callers:
    """All of them, calling."""

    def __init__(self, bench, services, gateway, protocols, calls):
        self.calls = calls
        facts = json.dumps({"ports": gateway.ports, "ca": services.tls["ca.pem"], "stubs": services.stubs})
        self.processes = {}
        for protocol in protocols:
            command = [sys.executable, "-B", "-m", "suite.calling", protocol, str(calls), facts]
            path = os.pathsep.join([HERE, os.path.dirname(HERE)])
            output = open(bench.path(f"calls-{protocol}"), "w+")
            self.processes[protocol] = output, subprocess.Popen(
                command, stdout=output, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, cwd=HERE,
                env={**os.environ, "PYTHONPATH": path})

    def are_calling(self):
        return any(process.poll() is None for _, process in self.processes.values())

    def results(self):
        for protocol, (output, process) in self.processes.items():
            process.wait()
            output.seek(0)
            yield Result(protocol, self.calls, output.read())
            output.close()
