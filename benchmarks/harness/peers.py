"""The proxies beside Postern, one worker each, with keep-alive on both sides and no access log."""
import glob
import json
import os
import subprocess

from harness.process import Process, compile_c, descriptor_limit, free_port


def write(path, text):
    with open(path, "w") as file:
        file.write(text)
    return path


class Bench:
    """The folders of one run, and the backend all proxies share."""

    def __init__(self, root, dist, work):
        self.root, self.dist, self.work = root, dist, work
        os.makedirs(work, exist_ok=True)
        source = os.path.join(root, "benchmarks/backend/backend.c")
        binary = compile_c(source, self.path("backend"))
        port = free_port()
        self.backend = Process("backend", [binary, str(port)], port, self.path("backend.log"))
        self.processes = [self.backend]

    def path(self, name):
        return os.path.join(self.work, name)

    def start(self, name, command, port, plain_port=None):
        process = Process(name, command, port, self.path(name + ".log"), cwd=self.work)
        process.plain_port = plain_port
        self.processes.append(process)
        return process

    def stop(self, *processes):
        for process in processes or list(reversed(self.processes)):
            process.stop()
            self.processes.remove(process)

    def relay(self):
        binary = compile_c(os.path.join(self.root, "benchmarks/relay/relay.c"), self.path("relay"))
        port = free_port()
        return self.start("relay", [binary, str(port), str(self.backend.port)], port)

    def haproxy(self, name="haproxy", frontend="", defaults="", start=""):
        """`frontend`, `defaults` and `start` are lines of their sections (the last, of `global`)."""
        port = free_port()
        config = write(self.path(name + ".cfg"), f"""
global
    nbthread 1
    maxconn 12000
    no strict-limits
    {start}
defaults
    mode http
    timeout connect 5s
    timeout client 300s
    timeout server 300s
    option http-keep-alive
    http-reuse always
    {defaults}
frontend public
    bind 127.0.0.1:{port}
    {frontend}
    default_backend service
backend service
    server one 127.0.0.1:{self.backend.port}
""")
        return self.start(name, ["haproxy", "-db", "-f", config], port)

    def nginx(self, name="nginx", location="", http="", start=""):
        """`location`, `http` and `start` are directives of their blocks (the last, outside of all)."""
        port = free_port()
        place = self.path(name.replace(" ", ""))  # nginx's paths know no spaces
        config = write(place + ".conf", f"""
{start}
daemon off;
worker_processes 1;
pid {place}.pid;
error_log {place}.error warn;
events {{ worker_connections {descriptor_limit() - 100}; }}
http {{
    access_log off;
    keepalive_requests 1000000000;
    keepalive_timeout 300s;
    proxy_max_temp_file_size 0;
    {http}
    upstream service {{ server 127.0.0.1:{self.backend.port}; keepalive 128; keepalive_requests 1000000000; }}
    server {{
        listen 127.0.0.1:{port} backlog=4096;
        location / {{
            {location}
            proxy_pass http://service;
            proxy_http_version 1.1;
            proxy_set_header Connection "";
            proxy_set_header Host $host;
            proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
        }}
    }}
}}
""")
        return self.start(name, ["nginx", "-c", config, "-e", place + ".error"], port)

    def envoy(self, name="envoy", filter=None, per_route=None, access_log=None):
        """Envoy from PyPI's wheel, with one HTTP filter: `filter` and `per_route` are (type, configuration);
        `access_log` are fields of a JSON object, by key."""
        port = free_port()

        def typed(of):
            return {"@type": f"type.googleapis.com/envoy.extensions.filters.http.{of[0]}", **of[1]}

        filters = [{"name": "router", "typed_config": typed(("router.v3.Router", {}))}]
        if filter:
            filters.insert(0, {"name": "filter", "typed_config": typed(filter)})
        overrides = {"typed_per_filter_config": {"filter": typed(per_route)}} if per_route else {}
        address = {"socket_address": {"address": "127.0.0.1", "port_value": port}}
        backend = {"socket_address": {"address": "127.0.0.1", "port_value": self.backend.port}}
        manager = "envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager"
        listener = {"name": "public", "address": address, "filter_chains": [{"filters": [{
            "name": "http", "typed_config": {
                "@type": "type.googleapis.com/" + manager, "stat_prefix": "public", "http_filters": filters,
                "access_log": self.envoy_log(name, access_log) if access_log else [],
                "route_config": {"virtual_hosts": [{"name": "all", "domains": ["*"], "routes": [
                    {"match": {"prefix": "/"}, "route": {"cluster": "service", "timeout": "60s"}, **overrides}]}]}}}]}]}
        breakers = {"thresholds": [{"max_connections": 30000, "max_pending_requests": 30000, "max_requests": 30000}]}
        cluster = {"name": "service", "type": "STATIC", "connect_timeout": "5s", "circuit_breakers": breakers,
                   "load_assignment": {"cluster_name": "service", "endpoints": [
                       {"lb_endpoints": [{"endpoint": {"address": backend}}]}]}}
        config = write(self.path(name + ".json"), json.dumps(
            {"static_resources": {"listeners": [listener], "clusters": [cluster]}}))
        return self.start(name, [
            envoy_binary(self.root), "--disable-hot-restart", "--concurrency", "1", "-l", "error", "-c", config], port)

    def envoy_log(self, name, fields):
        return [{"name": "file", "typed_config": {
            "@type": "type.googleapis.com/envoy.extensions.access_loggers.file.v3.FileAccessLog",
            "path": self.path(name + "-access.log"), "log_format": {"json_format": fields}}}]


def envoy_binary(root):
    found = glob.glob(os.path.join(root, ".build-venv/lib/python3*/site-packages/envoy/_bin/envoy"))
    if not found:
        raise SystemExit("Envoy is missing: run dev/bootstrap --bench")
    return found[0]


def versions(root, dist):
    """What ran, as one line each."""
    def line(*command):
        result = subprocess.run(command, capture_output=True, text=True)
        return (result.stdout + result.stderr).strip().split("\n")[0]

    with open("/proc/cpuinfo") as file:
        model = next((text.split(":")[1].strip() for text in file if text.startswith("model name")), "unknown")
    changed = " with changes" if line("git", "-C", root, "status", "--porcelain") else ""
    return {
        "commit": line("git", "-C", root, "rev-parse", "--short", "HEAD") + changed,
        "nginx": line("nginx", "-v").rpartition("/")[2],
        "haproxy": line("haproxy", "-v").split()[2],
        "envoy": line(envoy_binary(root), "--version").split("/")[-4],
        "openssl": line("openssl", "version").split()[1],
        "machine": f"{os.cpu_count()} x {model}, Linux {os.uname().release}",
    }
