"""Postern in the configurations that the sections compare."""
import json
import os

from harness.certificates import NAME
from harness.process import compile_c, free_port
from harness.peers import write


def plugin(bench, name):
    """Compiles one of benchmarks/filters against the ABI's header; returns its folder."""
    folder = bench.path("plugins")
    os.makedirs(folder, exist_ok=True)
    source = os.path.join(bench.root, f"benchmarks/filters/{name}.c")
    headers = os.path.join(bench.root, "SDK/Sources/CPosternABI/include")
    compile_c(source, os.path.join(folder, name + ".so"), "-shared", "-fPIC", "-fvisibility=hidden", "-I", headers)
    return folder


def native(bench, name, count=1):
    """`count` filters of a plugin in a row."""
    plugin(bench, name)
    return [{"name": f"{name}-{index}", "plugin": name} for index in range(count)]


def lua(bench):
    return [{"lua": os.path.join(bench.root, "benchmarks/filters/header.lua")}]


def configuration(bench, port, filters):
    """Routes for ten hosts before the one that matches; the standard metrics are on, the access log is not."""
    others = [
        {"name": f"other-{index}", "hosts": [f"other-{index}.example.com"],
         "rules": [{"match": {"path": {"prefix": f"/api/{index}"}}, "service": "backend"}]}
        for index in range(10)
    ]
    return {
        "version": 1,
        "workers": 1,
        "admin": {"address": f"127.0.0.1:{free_port()}"},
        "plugins": {"path": [bench.path("plugins")]},
        "listeners": [{"name": "public", "address": f"127.0.0.1:{port}", "protocol": "http", "filters": filters,
                       "timeouts": {"idle": "300s"}}],
        "routes": others + [
            {"name": "backend", "hosts": ["*"], "rules": [{"match": {"path": {"prefix": "/"}}, "service": "backend"}]}],
        "services": [{"name": "backend", "endpoints": [f"127.0.0.1:{bench.backend.port}"]}],
        "accessLog": {"format": "off"},
    }


def start(bench, name="postern", filters=(), more=None):
    """`more` are further keys of the configuration."""
    os.makedirs(bench.path("plugins"), exist_ok=True)
    port = free_port()
    whole = {**configuration(bench, port, list(filters)), **(more or {})}
    config = write(bench.path(name + ".json"), json.dumps(whole, indent=2))
    return bench.start(name, [os.path.join(bench.dist, "bin/postern-proxy"), "-c", config], port)


def edge_listener(services, edge, name, port, tls):
    listener = {"name": name, "address": f"127.0.0.1:{port}"}
    if edge.tcp:
        return {**listener, "protocol": "tcp"}
    listener.update({"protocol": "auto" if edge.http2 and not tls else "http", "timeouts": {"idle": "300s"}})
    if tls:
        leaf = services.certificates.leaves[edge.tls]
        listener["tls"] = {"certificates": [{"certificate": leaf.certificate, "key": leaf.key}]}
    return listener


def edge_configuration(bench, services, edge, port, plain):
    """As `configuration`, with the edges of a section."""
    result = configuration(bench, port, [])
    result["listeners"] = [edge_listener(services, edge, "public", port, edge.tls)]
    if edge.plain:
        result["listeners"].append(edge_listener(services, edge, "plain", plain, None))
    service = {"name": "backend", "endpoints": [f"127.0.0.1:{services.port(edge.service)}"]}
    if edge.service != "http1":
        service["protocol"] = "http2"
    if edge.service == "h2":
        service["tls"] = {"sni": NAME, "trustedCA": services.certificates.authority}
    result["services"] = [service]
    if edge.tcp:
        del result["routes"]
        result["tcpRoutes"] = [{"name": "backend", "listeners": ["public"], "rules": [{"service": "backend"}]}]
    return result


def edge(bench, services, edge, name="postern"):
    """Postern with the edges that a section asks for."""
    os.makedirs(bench.path("plugins"), exist_ok=True)
    port, plain = free_port(), free_port()
    config = write(bench.path(name + "-edge.json"), json.dumps(
        edge_configuration(bench, services, edge, port, plain), indent=2))
    return bench.start(name, [os.path.join(bench.dist, "bin/postern-proxy"), "-c", config], port, plain)
