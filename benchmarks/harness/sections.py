"""The sections of the benchmark: which processes run, what is asked of them."""
import os

from harness import idle, postern
from harness.load import rounds
from harness.process import raise_descriptor_limit

BODIES = {"small": "/100", "medium": "/10k", "large": "/1m"}
NOOPS = (0, 1, 5, 10)
IDLE = (1, 100, 10_000)


class Options:
    def __init__(self, count, seconds, only, without, say):
        self.count, self.seconds, self.only, self.without, self.say = count, seconds, only, without, say


def started(bench, options):
    """Every peer that was not left out."""
    makers = {"relay": bench.relay, "haproxy": bench.haproxy, "nginx": bench.nginx, "envoy": bench.envoy,
              "postern": lambda: postern.start(bench)}
    return [make() for name, make in makers.items() if name not in options.without]


def bodies(bench, options, wanted):
    """The peers with the bodies called `wanted`."""
    processes = started(bench, options)
    result = {name: rounds(processes, BODIES[name], options.count, options.seconds, options.say) for name in wanted}
    bench.stop(*processes)
    return result


def filters(bench, options):
    """Postern with native filters."""
    processes = [
        postern.start(bench, f"noop x {count}", postern.native(bench, "bench-noop", count)) for count in NOOPS
    ]
    processes.append(postern.start(bench, "read 2, set 1", postern.native(bench, "bench-headers")))
    result = rounds(processes, BODIES["small"], options.count, options.seconds, options.say)
    bench.stop(*processes)
    return result


def lua(bench, options):
    """The same script in Postern and Envoy, and its like in HAProxy and nginx, beside each without it."""
    def script(name):
        return os.path.join(bench.root, "benchmarks/filters", name)

    processes = []
    if "postern" not in options.without:
        processes = [postern.start(bench), postern.start(bench, "postern + Lua", postern.lua(bench))]
    if "envoy" not in options.without:
        lua_filter = ("lua.v3.Lua", {"default_source_code": {"filename": script("header.lua")}})
        processes += [bench.envoy(), bench.envoy("envoy + Lua", lua_filter)]
    if "haproxy" not in options.without:
        processes += [bench.haproxy(), bench.haproxy(
            "haproxy + Lua", "http-request lua.header", start=f"lua-load {script('header-haproxy.lua')}")]
    if "nginx" not in options.without:
        modules = "".join(
            f"load_module /usr/lib/nginx/modules/{name}.so;\n" for name in ("ndk_http_module", "ngx_http_lua_module"))
        processes += [bench.nginx(), bench.nginx(
            "nginx + Lua", f"access_by_lua_file {script('header-nginx.lua')};", start=modules)]
    result = rounds(processes, BODIES["small"], options.count, options.seconds, options.say)
    bench.stop(*processes)
    return result


def idle_connections(bench, options):
    """Memory of each peer, freshly started, with more and more idle connections."""
    limit = raise_descriptor_limit(40_000)
    counts = [count for count in IDLE if count < limit - 1000]
    result = {}
    makers = {"haproxy": bench.haproxy, "nginx": bench.nginx, "envoy": bench.envoy,
              "postern": lambda: postern.start(bench)}
    for name, make in makers.items():
        if name in options.without:
            continue
        process = make()
        result[name] = idle.memory_with(process, counts)
        options.say(f"idle: {name}: " + ", ".join(
            f"{count}: {memory['resident'] / 1e6:.1f} MB" for count, memory in result[name].items()))
        bench.stop(process)
    return result
