"""The gateways that a suite runs through; what their configurations say is the suite's."""
import glob
import json
import os
import subprocess
import urllib.error
import urllib.request

from harness.process import free_port

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))


CURVE = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]


def certificates(bench):
    """A CA and a certificate for localhost and 127.0.0.1; their files by name."""
    files = {name: bench.path(name) for name in ("ca.key", "ca.pem", "host.key", "host.pem")}
    if not os.path.exists(files["host.pem"]):
        bench.write("host.ext", "subjectAltName = DNS:localhost, IP:127.0.0.1\nbasicConstraints = CA:FALSE\n")
        openssl(
            "req", "-x509", *CURVE, "-subj", "/CN=Conformance", "-keyout", files["ca.key"], "-out", files["ca.pem"],
            "-addext", "basicConstraints=critical,CA:TRUE")
        issue(bench, bench.folder, files)
    return files


def issue(bench, folder, authority):
    """A new certificate of the CA's in a folder: `host.key` and `host.pem`, their paths by name."""
    os.makedirs(folder, exist_ok=True)
    made = {name: os.path.join(folder, name) for name in ("host.key", "host.csr", "host.pem")}
    openssl("req", *CURVE, "-subj", "/CN=localhost", "-keyout", made["host.key"], "-out", made["host.csr"])
    openssl(
        "x509", "-req", "-in", made["host.csr"], "-CA", authority["ca.pem"], "-CAkey", authority["ca.key"],
        "-CAcreateserial", "-extfile", bench.path("host.ext"), "-out", made["host.pem"])
    return made


def openssl(*arguments):
    subprocess.run(["openssl", *arguments], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def envoy(bench, config, name="envoy"):
    """Starts Envoy with a configuration as a dictionary, without `admin`; returns the process."""
    found = glob.glob(os.path.join(ROOT, ".build-venv/lib/python*/site-packages/envoy/_bin/envoy"))
    if not found:
        raise SystemExit("there is no Envoy in .build-venv: run dev/bootstrap --test")
    port = free_port()
    whole = {"admin": {"address": envoy_address(port)}, **config}
    file = bench.write(name + ".json", json.dumps(whole))
    process = bench.start(
        name, [found[0], "-c", file, "--disable-hot-restart", "--concurrency", "1", "--log-level", "warning",
               "--use-dynamic-base-id"], port)
    process.await_that(lambda: fetched(port, "/ready")[0] == 200, "is not ready")
    return process


def envoy_address(port):
    return {"socket_address": {"address": "127.0.0.1", "port_value": port}}


def nginx(bench, http, port, name="nginx"):
    """Starts nginx with the content of its `http` block."""
    bench.write(name + ".conf", f"""
daemon off;
worker_processes 1;
pid {bench.path(name + ".pid")};
error_log {bench.path(name + ".error")} warn;
events {{ worker_connections 8000; }}
http {{
    access_log off;
    client_body_temp_path {bench.path("body")};
    proxy_temp_path {bench.path("proxy")};
    fastcgi_temp_path {bench.path("fastcgi")};
    uwsgi_temp_path {bench.path("uwsgi")};
    scgi_temp_path {bench.path("scgi")};
    {http}
}}
""")
    return bench.start(name, ["nginx", "-c", bench.path(name + ".conf"), "-e", bench.path(name + ".error")], port)


class Build:
    """Where Postern's programs and plugins are: a release tree, or what a build has left."""

    @staticmethod
    def add_arguments(parser):
        parser.add_argument("--dist", default=os.environ.get("POSTERN_DIST", "dist"), help="Postern's release tree")
        parser.add_argument("--build", help="a build's folder, in place of a release tree")

    def __init__(self, options):
        build = options.build and os.path.join(ROOT, options.build)
        dist = os.path.join(ROOT, options.dist)
        self.proxy = os.path.join(build or os.path.join(dist, "bin"), "postern-proxy")
        self.plugins = build or os.path.join(dist, "lib/postern/plugins")


def postern(bench, yaml, build, name="postern"):
    """Starts postern-proxy; returns the process, with `admin` and `listeners` (ports by name)."""
    folder = bench.path("admin-" + name)
    log = bench.path(name + ".access")
    head = (f"version: 1\nadmin: {{ address: \"127.0.0.1:0\" }}\nplugins: {{ path: [\"{build.plugins}\"] }}\n"
            f"accessLog: {{ format: json, path: \"{log}\" }}\n")
    file = bench.write(name + ".yaml", head + yaml)
    process = bench.start(name, [build.proxy, "-c", file, "--admin-address-path", folder])
    address = process.await_that(lambda: content(folder), "names no admin address")
    process.admin = int(address.rpartition(":")[2])
    process.await_that(lambda: fetched(process.admin, "/ready")[0] == 200, "is not ready")
    listeners = json.loads(fetched(process.admin, "/listeners?format=json")[1])
    process.listeners = {one["name"]: int(one["address"].rpartition(":")[2]) for one in listeners}
    for port in process.listeners.values():
        process.await_that(lambda: process.listens(port), f"does not listen on {port}")
    return process


def content(path):
    try:
        with open(path) as file:
            return file.read().strip()
    except OSError:
        return ""


def fetched(port, target):
    """Status and text of an admin endpoint's answer; 0 when there is none."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{target}", timeout=30) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, ""
    except OSError:
        return 0, ""
