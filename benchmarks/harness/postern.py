"""Postern in the configurations that the sections compare."""
import json
import os

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
    """Routes for ten hosts before the one that matches; metrics and the exchange's record are always on."""
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


def start(bench, name="postern", filters=()):
    os.makedirs(bench.path("plugins"), exist_ok=True)
    port = free_port()
    config = write(bench.path(name + ".json"), json.dumps(configuration(bench, port, list(filters)), indent=2))
    return bench.start(name, [os.path.join(bench.dist, "bin/postern-proxy"), "-c", config], port)
