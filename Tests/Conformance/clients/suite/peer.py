"""What cases are run against."""
import itertools
import json
import os
import ssl
import urllib.request

_names = itertools.count(1)


class Peer:
    """A listener of TLS, and the service behind it, which is spoken to in `version`."""

    def __init__(self, bench, port, service, version, tls, log):
        self.bench, self.port, self.service, self.version, self.log = bench, port, service, version, log
        self.url = f"https://localhost:{port}"
        self.ca = tls["ca.pem"]
        self.trust = ssl.create_default_context(cafile=self.ca)

    @staticmethod
    def name():
        """One that no other call has, for what the service is asked about afterwards."""
        return f"run-{os.getpid()}-{next(_names)}"

    def told(self, name):
        """What a client has sent to `/result/NAME`; nothing so far."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.service}/results/{name}", timeout=20) as answer:
            text = answer.read()
        return json.loads(text) if text else None

    def entries(self, agent):
        """The lines of the access log about requests of a client."""
        with open(self.log) as file:
            lines = [json.loads(line) for line in file]
        return [one for one in lines if (one["user_agent"] or "").startswith(agent)]
