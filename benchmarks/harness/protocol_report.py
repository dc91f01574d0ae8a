"""The tables of the sections about protocols: ratios of CPU first, then the figures."""
from harness.report import number, table

ORDER = ["relay", "haproxy", "haproxy + splice", "nginx", "envoy", "postern"]
SUBJECT = "postern"


def names_of(results):
    return [name for name in ORDER if any(name in result for result in results.values())]


def grid(title, results, value):
    """A row for each proxy, a column for each case; empty where a proxy cannot."""
    rows = [[name] + [value(result[name]) if name in result else "" for result in results.values()]
            for name in names_of(results)]
    return table([title, *results], rows)


def ratios(title, results, key):
    """Postern's figure divided by each peer's."""
    rows = []
    for name in names_of(results):
        if name != SUBJECT:
            rows.append([f"{SUBJECT} / {name}"] + [
                f"{result[SUBJECT][key] / result[name][key]:.2f}" if name in result and SUBJECT in result else ""
                for result in results.values()])
    return table([title, *results], rows) if SUBJECT in names_of(results) else ""


def joined(*parts):
    return "\n\n".join(part for part in parts if part)


def requests(results, each="a request", many="requests"):
    return joined(
        ratios(f"CPU {each}", results, "cpu_us"),
        grid(f"CPU {each}, µs", results, lambda one: number(one["cpu_us"])),
        grid(f"{many}/s", results, lambda one: number(one["requests_per_second"])),
        grid("p99, µs", results, lambda one: number(one["p99_us"])))


def handshakes(results):
    """What a core would make, were it the proxy's alone, and what was reached with this client."""
    return joined(
        ratios("CPU a handshake", results, "cpu_us"),
        grid("CPU a handshake, µs", results, lambda one: number(one["cpu_us"])),
        grid("handshakes a second of one core", results, lambda one: number(1e6 / one["cpu_us"])),
        grid("reached a second", results, lambda one: number(one["requests_per_second"])),
        grid("p99, µs", results, lambda one: number(one["p99_us"])))


def grpc(results):
    return requests(results, "a call", "calls")


def bulk(results):
    return joined(
        ratios("CPU a byte", results, "cpu_ms_per_gb"),
        grid("CPU a GB, ms", results, lambda one: number(one["cpu_ms_per_gb"])),
        grid("GB/s", results, lambda one: number(one["gb_per_second"])))


def stall(results):
    alone, during = results["alone"], results["during handshakes"]
    rows = []
    for name in names_of(results):
        calm, busy = alone[name], during[name]
        rows.append([name, number(calm["p50_us"]), number(calm["p99_us"]), number(busy["p50_us"]),
                     number(busy["p99_us"]), number(busy["handshakes_per_second"]), number(busy["handshake_p99_us"])])
    return table(["plain text", "alone: p50, µs", "p99, µs", "during handshakes: p50, µs", "p99, µs", "handshakes/s",
                  "their p99, µs"], rows)
