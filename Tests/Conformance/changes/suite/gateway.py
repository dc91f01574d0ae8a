"""The gateway, and what is changed while it serves: its configuration, its certificate, the authorities it trusts."""
import itertools
import json
import os
import socket
import ssl
import time

from harness import peers
from harness.process import free_port


class Gateway:
    """One Postern with a listener for each kind of client."""

    def __init__(self, bench, services, build):
        self.bench, self.services = bench, services
        self.reloads = self.certificates = 0
        # A listener is known by its name, and keeps its port over all configurations.
        self.ports = {name: free_port() for name in ("web", "database", "database-tls", "cache")}
        self.folders = itertools.count(1)
        self.folder = bench.path("certificate")
        self._make_certificate()
        self.authorities = bench.path("authorities.pem")
        with open(services.tls["ca.pem"]) as file:
            self.authority = file.read()
        bench.write("authorities.pem", self.authority)
        self.file = bench.path("postern.yaml")
        self.head = ""
        self.process = peers.postern(bench, self._configuration(), build)
        with open(self.file) as file:
            self.head = file.read().split("workers:")[0]
        self.trust = ssl.create_default_context(cafile=services.tls["ca.pem"])

    def _configuration(self):
        """Another one for every number of reloads: endpoints, times and header fields change."""
        grpc = [f'"127.0.0.1:{port}"' for port in self.services.grpc]
        endpoints = (grpc, grpc[:1], grpc, grpc[1:])[self.reloads % 4]
        pair = f"{{ certificate: {self.folder}/host.pem, key: {self.folder}/host.key }}"
        lines = "\n".join(
            f'  - {{ name: {name}, address: "127.0.0.1:{port}"{more} }}' for (name, port), more in zip(
                self.ports.items(), (
                    f", tls: {{ certificates: [{pair}] }}", ", protocol: tcp",
                    f", protocol: tcp, tls: {{ certificates: [{pair}], alpn: [postgresql] }}",
                    f", protocol: tcp, tls: {{ certificates: [{pair}] }}")))
        return f"""workers: 2
listeners:
{lines}
routes:
  - name: all
    rules:
      - match: {{ path: {{ prefix: /postern.conformance.v1.Echo }} }}
        responseHeaders: {{ set: {{ x-version: "{self.reloads}" }} }}
        service: grpc
      - {{ match: {{ path: {{ prefix: /echo }} }}, service: websocket }}
tcpRoutes:
  - name: database
    listeners: [database, database-tls]
    rules: [{{ service: database }}]
    timeouts: {{ idle: {3600 + self.reloads}s }}
  - {{ name: cache, listeners: [cache], rules: [{{ service: cache }}] }}
services:
  - {{ name: grpc, endpoints: [{", ".join(endpoints)}], protocol: http2 }}
  - {{ name: websocket, endpoints: ["127.0.0.1:{self.services.websocket}"] }}
  - {{ name: database, endpoints: ["127.0.0.1:{self.services.postgresql}"] }}
  - name: cache
    endpoints: ["127.0.0.1:{self.services.redis}"]
    tls: {{ sni: localhost, trustedCA: {self.authorities} }}
"""

    def reload(self):
        """The next configuration, and now and then other authorities; returns when it is in force."""
        before = self._in_force()
        self.reloads += 1
        if self.reloads % 3 == 0:
            self._replace(self.authorities, self.authority * (1 + self.reloads % 2))
        self._replace(self.file, self.head + self._configuration())
        self._await(lambda: self._in_force() > before, "a configuration did not come into force")

    def replace_certificate(self):
        """A new key and certificate, in turn by a link to their folder and file by file; returns when clients see it."""
        self.certificates += 1
        if self.certificates % 2:
            self._make_certificate()
        else:
            made = peers.issue(self.bench, self.bench.path("issued"), self.services.tls)
            for name in ("host.key", "host.pem"):
                os.replace(made[name], os.path.join(self.folder, name))
        with open(os.path.join(self.folder, "host.pem")) as file:
            wanted = ssl.PEM_cert_to_DER_cert(file.read())
        for name in ("web", "database-tls", "cache"):
            self._await(lambda: self._shown(name) == wanted, f"{name} did not show a new certificate")

    def _make_certificate(self):
        made = self.bench.path(f"certificate-{next(self.folders)}")
        peers.issue(self.bench, made, self.services.tls)
        link = self.folder + ".new"
        os.symlink(made, link)
        os.replace(link, self.folder)

    def _shown(self, listener):
        """The certificate that a new connection is shown, which must be good."""
        with socket.create_connection(("127.0.0.1", self.ports[listener]), timeout=20) as raw:
            with self.trust.wrap_socket(raw, server_hostname="localhost") as secured:
                return secured.getpeercert(binary_form=True)

    def _in_force(self):
        """How many configurations have come into force, the first among them."""
        status, text = peers.fetched(self.process.admin, "/server_info")
        return json.loads(text)["generation"] if status == 200 else 0

    def _await(self, condition, complaint):
        deadline = time.monotonic() + 20
        while not condition():
            if time.monotonic() > deadline or self.process.child.poll() is not None:
                raise SystemExit(f"{complaint}; the gateway said:\n{self.process.said()[-3000:]}")
            time.sleep(0.005)

    @staticmethod
    def _replace(path, text):
        with open(path + ".new", "w") as file:
            file.write(text)
        os.replace(path + ".new", path)
