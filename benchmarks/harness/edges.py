"""What a proxy does at its two edges in the sections about protocols, and the services behind it."""
import os

from harness.certificates import Certificates
from harness.process import Process, free_port

STREAMS = 256  # that a service with HTTP/2 allows on a connection: all of the load's at once
BODIES = {"100": 100, "10k": 10 * 1024}
MESSAGE = bytes([0, 0, 0, 0, 100]) + bytes(100)  # of gRPC: no compression, length, 100 bytes
CALL = "/bench.Echo/Call.grpc"


class Edge:
    """How clients reach a proxy, and how it reaches the service."""

    def __init__(self, tls=None, http2=False, service="http1", plain=False, tcp=False):
        self.tls = tls  # None, or the kind of key: ecdsa, rsa
        self.http2 = http2  # offered by ALPN; without TLS, spoken by prior knowledge
        self.service = service  # http1, h2c, h2 (with TLS), grpc (as h2c, with gRPC's answers)
        self.plain = plain  # HTTP/1.1 on a second listener, without TLS
        self.tcp = tcp  # bytes are passed on, no HTTP


class Services:
    """nghttpd beside the backend of the bench, each started when it is first asked for."""

    def __init__(self, bench):
        self.bench = bench
        self.certificates = Certificates(bench.path("certificates"))
        self.ports = {"http1": bench.backend.port}
        self.root = bench.path("documents")
        os.makedirs(os.path.join(self.root, os.path.dirname(CALL[1:])), exist_ok=True)
        for name, count in BODIES.items():
            self.keep(name, b"x" * count)
        self.keep(CALL[1:], MESSAGE)
        self.message = self.keep("message", MESSAGE)
        self.types = self.keep("types", b"application/grpc grpc\n")

    def keep(self, name, content):
        path = os.path.join(self.root, name)
        with open(path, "wb") as file:
            file.write(content)
        return path

    def port(self, service):
        if service not in self.ports:
            self.ports[service] = self.start(service)
        return self.ports[service]

    def start(self, service):
        port = free_port()
        leaf = self.certificates.leaves["ecdsa"]
        command = ["nghttpd", "--address=127.0.0.1", "-n1", f"-m{STREAMS}", "-d", self.root]
        if service == "grpc":
            command += [f"--mime-types-file={self.types}", "--trailer=grpc-status: 0"]
        command += [str(port), leaf.key, leaf.certificate] if service == "h2" else ["--no-tls", str(port)]
        process = Process("service " + service, command, port, self.bench.path(f"service-{service}.log"),
                          environment=self.certificates.environment())
        self.bench.processes.append(process)
        return port
