"""The sections about what goes over the wire: HTTP/2, TLS, gRPC, TCP."""
import subprocess

from harness import edge_peers, h2load, postern
from harness.edges import CALL, Edge, Services
from harness.load import interleaved, rounds

EVERYONE = ("haproxy", "nginx", "envoy", "postern")
NO_NGINX = ("haproxy", "envoy", "postern")  # nginx has no HTTP/2 to services, but for gRPC
WAYS = {"to http/1.1": ("http1", EVERYONE), "to h2c": ("h2c", NO_NGINX), "to TLS+h2": ("h2", NO_NGINX)}
SIZES = {"100 B": "/100", "10 KB": "/10k"}
BULK = {"1 MB": ("/1m", 512), "64 MB": ("/64m", 8)}  # and how many for each second of the load
HANDSHAKES = {
    "ECDSA 1.3": ("ecdsa", "1.3", "full"), "ECDSA 1.2": ("ecdsa", "1.2", "full"),
    "RSA 1.3": ("rsa", "1.3", "full"), "RSA 1.2": ("rsa", "1.2", "full"),
    "resumed 1.3": ("ecdsa", "1.3", "resumed"), "resumed 1.2": ("ecdsa", "1.2", "resumed"),
}
STALL_HANDSHAKES = 500  # a second
STALL_CLIENTS, STALL_RATE = 16, 125  # requests a second of each


class Protocols:
    """The services are started once, and stopped with everything else of the bench."""

    def __init__(self, bench, options):
        self.bench, self.options = bench, options
        self.services = Services(bench)

    def started(self, names, edge):
        makers = {"haproxy": edge_peers.haproxy, "nginx": edge_peers.nginx, "envoy": edge_peers.envoy,
                  "postern": postern.edge}
        return [makers[name](self.bench, self.services, edge) for name in names if name not in self.options.without]

    def loaded(self, processes, title, load):
        """Medians of rounds of h2load, after a second to warm up."""
        for process in processes:
            h2load.run(self.services, process.name, process.port, load, 1)
        return interleaved(
            processes, title, self.options.count, self.options.say,
            lambda process: h2load.measure(self.services, process, load, self.options.seconds))

    def http2(self):
        """TLS and HTTP/2 from the client, every protocol to the service."""
        result = {}
        for way, (service, names) in WAYS.items():
            processes = self.started(names, Edge(tls="ecdsa", http2=True, service=service))
            for size, path in SIZES.items():
                result[f"{way}, {size}"] = self.loaded(processes, f"{way} {size}", h2load.Load(path))
            self.bench.stop(*processes)
        return result

    def bulk(self):
        """Large bodies over TLS 1.3 with HTTP/1.1."""
        result = {}
        processes = self.started(EVERYONE, Edge(tls="ecdsa"))
        for size, (path, count) in BULK.items():
            load = h2load.Load(path, http1=True, clients=4, streams=1, count=count)
            result[size] = self.loaded(processes, size, load)
        self.bench.stop(*processes)
        return result

    def grpc(self):
        """Unary calls, HTTP/2 without TLS on both sides."""
        processes = self.started(EVERYONE, Edge(http2=True, service="grpc"))
        load = h2load.Load(CALL, tls=False, fields=["content-type: application/grpc", "te: trailers"],
                           body=self.services.message)
        result = {"unary": self.loaded(processes, "unary", load)}
        self.bench.stop(*processes)
        return result

    def handshakes(self):
        """Handshakes and nothing else."""
        result = {}
        for kind in ("ecdsa", "rsa"):
            processes = self.started(EVERYONE, Edge(tls=kind))
            for title, (key, version, way) in HANDSHAKES.items():
                if key == kind:
                    result[title] = self.handshaken(processes, title, version, way)
            self.bench.stop(*processes)
        return {title: result[title] for title in HANDSHAKES}

    def handshaken(self, processes, title, version, way):
        for process in processes:
            h2load.measure_handshakes(self.bench, process, version, way, 0.5)
        return interleaved(
            processes, title, self.options.count, self.options.say,
            lambda process: h2load.measure_handshakes(self.bench, process, version, way, self.options.seconds))

    def stall(self):
        """Plain text at a fixed rate, alone and during handshakes with an RSA key."""
        load = h2load.Load("/100", tls=False, http1=True, clients=STALL_CLIENTS, streams=1, rate=STALL_RATE)
        processes = self.started(EVERYONE, Edge(tls="rsa", plain=True))
        for process in processes:
            h2load.run(self.services, process.name, process.plain_port, load, 1)
        result = {
            title: interleaved(processes, title, self.options.count, self.options.say, measured)
            for title, measured in {
                "alone": lambda process: self.paced(process, load),
                "during handshakes": lambda process: self.disturbed(process, load)}.items()}
        self.bench.stop(*processes)
        return result

    def paced(self, process, load):
        return h2load.measure(self.services, process, load, self.options.seconds, process.plain_port)

    def disturbed(self, process, load):
        """As `paced`, with the handshakes from before the load until after it."""
        command = h2load.handshake_command(
            self.bench, process.port, self.options.seconds + 1, at_once=1000, rate=STALL_HANDSHAKES)
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as client:
            sample = self.paced(process, load)
            output = client.communicate()[0]
        shaken = h2load.handshake_numbers(process.name, output, "full")
        return {**sample, "handshakes_per_second": shaken["handshakes"] / shaken["seconds"],
                "handshake_p99_us": shaken["p99_us"]}

    def tcp(self):
        """Bytes passed on, with the same load as the bodies have; the relay is the floor here too."""
        processes = [] if "relay" in self.options.without else [self.bench.relay()]
        processes += self.started(EVERYONE, Edge(tcp=True))
        if "haproxy" not in self.options.without:
            processes.append(edge_peers.haproxy(
                self.bench, self.services, Edge(tcp=True), "haproxy + splice", "option splice-auto"))
        result = {
            size: rounds(processes, path, self.options.count, self.options.seconds, self.options.say)
            for size, path in {"100 B": "/100", "1 MB": "/1m"}.items()}
        self.bench.stop(*processes)
        return result
