"""What stands behind the gateway: two gRPC servers, WebSocket, PostgreSQL and Redis."""
import importlib.util
import os
import shutil
import sys

import psycopg

from harness import peers
from harness.process import free_port

CONFORMANCE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
POSTGRESQL = "/usr/lib/postgresql/15/bin"


def grpc_stubs():
    """The module that makes and loads the stubs of the gRPC suite."""
    path = os.path.join(CONFORMANCE, "grpc/suite/stubs.py")
    spec = importlib.util.spec_from_file_location("grpc_stubs", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class Services:
    """All of them, started, with the ports that they listen on."""

    def __init__(self, bench):
        self.bench = bench
        self.tls = peers.certificates(bench)
        self.stubs = grpc_stubs().generate(bench.path("stubs"))
        self.grpc = [self._python("grpc", f"grpc-{name}", "suite.server", self.stubs) for name in "ab"]
        self.websocket = self._python("websocket", "websocket", "suite.echo")
        self.postgresql = self._postgresql()
        self.redis = self._redis()

    def _python(self, folder, name, module, *more):
        port = free_port()
        self.bench.start(name, [sys.executable, "-B", "-m", module, *more, str(port)], port,
                         cwd=os.path.join(CONFORMANCE, folder))
        return port

    def _postgresql(self):
        """With a certificate of its own, for clients that begin TLS inside of its protocol."""
        folder, port = self.bench.path("postgresql"), free_port()
        os.mkdir(folder)
        for name in ("host.pem", "host.key"):
            shutil.copyfile(self.tls[name], os.path.join(folder, name))
            os.chmod(os.path.join(folder, name), 0o600)
        as_user = []
        if os.geteuid() == 0:  # It refuses to run as root.
            os.chmod(self.bench.folder, 0o711)
            for one in (folder, *(os.path.join(folder, name) for name in os.listdir(folder))):
                shutil.chown(one, "postgres", "postgres")
            as_user = ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups"]
        data = os.path.join(folder, "data")
        made = self.bench.start("initdb", [
            *as_user, f"{POSTGRESQL}/initdb", "-D", data, "-A", "trust", "-U", "postgres", "--no-sync", "-N"])
        if made.child.wait() != 0:
            raise SystemExit(made.said())
        settings = {
            "fsync": "off", "max_connections": "100", "ssl": "on",
            "ssl_cert_file": f"{folder}/host.pem", "ssl_key_file": f"{folder}/host.key"}
        server = self.bench.start("postgresql", [
            *as_user, f"{POSTGRESQL}/postgres", "-D", data, "-p", str(port), "-h", "127.0.0.1", "-k", folder,
            *(word for pair in settings.items() for word in ("-c", "=".join(pair)))], port)
        server.await_that(lambda: self._answers(port), "takes no connections")
        return port

    @staticmethod
    def _answers(port):
        try:
            psycopg.connect(f"host=127.0.0.1 port={port} user=postgres dbname=postgres sslmode=disable").close()
            return True
        except psycopg.OperationalError:
            return False

    def _redis(self):
        """With TLS alone: the gateway is its client."""
        port = free_port()
        self.bench.start("redis", [
            "redis-server", "--bind", "127.0.0.1", "--port", "0", "--tls-port", str(port), "--save", "",
            "--dir", self.bench.folder, "--tls-cert-file", self.tls["host.pem"],
            "--tls-key-file", self.tls["host.key"], "--tls-ca-cert-file", self.tls["ca.pem"],
            "--tls-auth-clients", "no"], port)
        return port
