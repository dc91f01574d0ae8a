"""Every case and attack against Postern; `run` beside this folder is how it is started.

Starts the origin and the gateway on free ports, with a listener in the clear and one with TLS, and services that speak
HTTP/2 in the clear and through TLS, which the suite then is.
"""

import argparse
import http.client
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor

from . import attack, client, floods, server  # noqa: F401  (they declare cases and attacks)
from .origin import FEATURES, Origin
from .runner import chosen, run, run_gateway, totals
from .service import Service
from .target import Target

SUITES = ("h2c", "tls", "service", "tls-service", "attacks", "tls-attacks")
QUICK = ("h2c", "tls", "service", "tls-service")

_CONFIGURATION = """version: 1
admin: {{ address: "127.0.0.1:0" }}
workers: 1
accessLog: {{ format: "off" }}
listeners:
  - {{ name: h2c, address: "127.0.0.1:0" }}
  - {{ name: service, address: "127.0.0.2:0" }}
{tls_listeners}
routes:
  - name: service
    listeners: [service]
    rules: [{{ match: {{ path: {{ prefix: / }} }}, service: service }}]
{tls_routes}
  - name: all
    listeners: {listeners}
    rules:
      - {{ match: {{ path: {{ exact: /alive }} }}, directResponse: {{ status: 200, body: "alive" }} }}
      - {{ match: {{ path: {{ prefix: / }} }}, service: origin }}
services:
  - {{ name: origin, endpoints: ["127.0.0.1:{origin}"] }}
  - {{ name: service, protocol: http2, endpoints: ["127.0.0.1:{service}"] }}
{tls_services}
"""
_TLS_LISTENERS = """
  - {{ name: tls, address: "127.0.0.3:0", tls: {{ certificates: [{{ certificate: "{folder}/rsa.pem", key: "{folder}/rsa.key" }}, {{ certificate: "{folder}/ec.pem", key: "{folder}/ec.key" }}] }} }}
  - {{ name: tls-service, address: "127.0.0.4:0" }}
"""
_TLS_ROUTES = """
  - name: tls-service
    listeners: [tls-service]
    rules: [{ match: { path: { prefix: / } }, service: tls-service }]
"""
_TLS_SERVICES = """
  - {{ name: tls-service, protocol: http2, endpoints: ["127.0.0.1:{tls_service}"], tls: {{ sni: example.test, trustedCA: "{folder}/ec.pem" }} }}
"""


class Postern:
    """The gateway as a process."""

    def __init__(self, proxy, folder, origin, services):
        has_tls = len(services) > 1
        self.folder = folder
        values = {"folder": folder, "origin": origin.port, "service": services[0].port,
                  "tls_service": services[1].port if has_tls else 0}
        text = _CONFIGURATION.format(
            tls_listeners=_TLS_LISTENERS.format(**values) if has_tls else "",
            tls_routes=_TLS_ROUTES if has_tls else "",
            tls_services=_TLS_SERVICES.format(**values) if has_tls else "",
            listeners="[h2c, tls]" if has_tls else "[h2c]", **values)
        file, admin = os.path.join(folder, "postern.yaml"), os.path.join(folder, "admin")
        with open(file, "w") as out:
            out.write(text)
        self.log_path = os.path.join(folder, "log")
        with open(self.log_path, "w") as log:
            self.process = subprocess.Popen([proxy, "-c", file, "--admin-address-path", admin], stdout=log, stderr=log)
        self.addresses = self._wait_until_ready(admin)

    def _wait_until_ready(self, admin):
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                with open(admin) as file:
                    address = file.read().strip()
                if self._get(address, "/ready")[0] == 200:
                    listeners = json.loads(self._get(address, "/listeners?format=json")[1])
                    return {one["name"]: one["address"] for one in listeners}
            except (OSError, ValueError, http.client.HTTPException):
                pass
            time.sleep(0.02)
        raise SystemExit(f"{self.process.args[0]} did not start:\n{self.log}")

    @staticmethod
    def _get(address, path):
        host, _, port = address.rpartition(":")
        connection = http.client.HTTPConnection(host, int(port), timeout=30)
        try:
            connection.request("GET", path)
            response = connection.getresponse()
            return response.status, response.read()
        finally:
            connection.close()

    def target(self, listener, timeout):
        host, _, port = self.addresses[listener].rpartition(":")
        return Target(host, int(port), listener == "tls", timeout=timeout, features=FEATURES)

    @property
    def log(self):
        with open(self.log_path) as log:
            return log.read()[-8000:]

    def stop(self):
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()


def _make_certificates(folder):
    """`rsa` and `ec`; the paths of the latter."""
    for name, key in (("rsa", "rsa:2048"), ("ec", "ec")):
        curve = ["-pkeyopt", "ec_paramgen_curve:prime256v1"] if key == "ec" else []
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", key, *curve, "-nodes", "-days", "2", "-subj", "/CN=example.test",
             "-addext", "subjectAltName=DNS:example.test",
             "-keyout", f"{folder}/{name}.key", "-out", f"{folder}/{name}.pem"],
            check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return f"{folder}/ec.pem", f"{folder}/ec.key"


def run_suites(names, arguments):
    """Results by suite: lists of cases, and of attacks."""
    with tempfile.TemporaryDirectory() as folder:
        certificate = _make_certificates(folder)
        origin = Origin().start()
        placeholder = Target("127.0.0.1", 0, timeout=arguments.timeout)
        services = [Service(placeholder, 0)]
        if any("tls" in name for name in names):
            services.append(Service(placeholder, 0, certificate))
        postern = Postern(arguments.proxy, folder, origin, services)
        try:
            # One after the other, but for what waits most: the services' cases.
            return _run_suites(names, arguments, postern, services)
        finally:
            postern.stop()
            if arguments.keep_log:
                print(postern.log, file=sys.stderr)


def _run_suites(names, arguments, postern, services):
    results = {}

    def run_one(name):
        if name.endswith("service"):
            service = services[1 if name.startswith("tls") else 0]
            service.gateway = postern.target(name, arguments.timeout)
            return run_gateway(chosen("client", arguments.only), service)
        return run(chosen("server", arguments.only), postern.target(name, arguments.timeout), arguments.jobs)

    cases = [name for name in names if not name.endswith("attacks")]
    with ThreadPoolExecutor(max(len(cases), 1)) as pool:
        for name, found in zip(cases, pool.map(run_one, cases)):
            results[name] = found
    for name in names:
        if name.endswith("attacks"):
            target = postern.target("tls" if name.startswith("tls") else "h2c", arguments.timeout)
            results[name] = attack.run_all(target, postern.process.pid, arguments.seconds, only=arguments.only, alive="/alive")
    if postern.process.poll() is not None:
        raise SystemExit(f"the gateway ended with status {postern.process.returncode}:\n{postern.log}")
    return results


def failures(results, is_strict):
    """`(suite, what, why)` of all that failed."""
    found = []
    for name, entries in results.items():
        for one in entries:
            if name.endswith("attacks"):
                found += [(name, one["name"], problem) for problem in one["problems"]]
            elif one.is_failure(is_strict):
                found.append((name, one.id, one.why))
    return found


def main():
    parser = argparse.ArgumentParser(prog="run", description="Cases and attacks of HTTP/2 on Postern.")
    place = parser.add_mutually_exclusive_group(required=True)
    place.add_argument("--dist", help="a release tree")
    place.add_argument("--build", help="a folder with postern-proxy")
    parser.add_argument("--suite", action="append", choices=SUITES, help="all that are quick, when none is given")
    parser.add_argument("--only", action="append", default=[], help="a section, or how an identifier begins")
    parser.add_argument("--lenient", action="store_true", help="take what the RFC only lets pass")
    parser.add_argument("--timeout", type=float, default=5, help="seconds until silence is a failure")
    parser.add_argument("--seconds", type=float, default=3, help="how long an attack lasts")
    parser.add_argument("--jobs", type=int, default=4, help="cases at a time on each listener")
    parser.add_argument("--keep-log", action="store_true", help="print the gateway's log at the end")
    parser.add_argument("--json", action="store_true", help="failures as JSON: suite, case, why")
    arguments = parser.parse_args()
    arguments.proxy = os.path.join(arguments.dist, "bin/postern-proxy") if arguments.dist \
        else os.path.join(arguments.build, "postern-proxy")
    # The gateway must not outlive this process.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    results = run_suites(arguments.suite or QUICK, arguments)
    failed = failures(results, not arguments.lenient)
    if arguments.json:
        counts = {name: len(entries) for name, entries in results.items()}
        print(json.dumps({"counts": counts, "failures": failed}))
    else:
        _print(results, failed)
    sys.exit(1 if failed else 0)


def _print(results, failed):
    for name, entries in results.items():
        if name.endswith("attacks"):
            print(attack.table(entries))
        else:
            print(f"{name}: " + ", ".join(f"{count} {verdict}" for verdict, count in totals(entries).items()))
    for name, what, why in failed:
        print(f"FAIL {name} {what}: {why}")


if __name__ == "__main__":
    main()
