"""Tables in Markdown, put into benchmarks/README.md between the markers of their section."""
import datetime
import re

from harness import functions as functions_module

ORDER = ["relay", "haproxy", "nginx", "envoy", "postern"]
TITLES = {"small": "100 B", "medium": "10 KB", "large": "1 MB"}


def table(head, rows):
    lines = ["| " + " | ".join(head) + " |", "|" + " --- |" * len(head)]
    lines += ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join(lines)


def number(value):
    return f"{value:.2f}" if value < 10 else f"{value:.1f}" if value < 100 else f"{value:,.0f}"


def bodies(results):
    """Ratios of CPU a request first, then all figures."""
    parts = []
    names = [name for name in ORDER if any(name in result for result in results.values())]
    rows = [
        [f"{subject} / {name}"] + [
            f"{result[subject]['cpu_us'] / result[name]['cpu_us']:.2f}" for result in results.values()]
        for subject in ("postern", "relay") if subject in names for name in names if name not in ("postern", subject)
    ]
    parts.append(table(["CPU a request"] + [TITLES[body] for body in results], rows))
    for body, result in results.items():
        rows = [
            [name, number(one["cpu_us"]), number(one["requests_per_second"]), number(one["p50_us"]),
             number(one["p99_us"])]
            for name, one in result.items()
        ]
        parts.append(table([TITLES[body], "CPU a request, µs", "requests/s", "p50, µs", "p99, µs"], rows))
    return "\n\n".join(parts)


def filters(result):
    base = result["noop x 0"]["cpu_us"]
    rows = []
    for name, one in result.items():
        count = int(name.split()[-1]) if name.startswith("noop") else 1
        extra = f"{(one['cpu_us'] - base) * 1000 / count:.0f}" if count else ""
        rows.append([name, number(one["cpu_us"]), extra, number(one["requests_per_second"])])
    return table(["native filters", "CPU a request, µs", "more for each filter, ns", "requests/s"], rows)


def lua(result):
    rows = []
    for name, one in result.items():
        base = result.get(name.removesuffix(" + Lua"), one)
        extra = f"{one['cpu_us'] - base['cpu_us']:.2f}" if name.endswith("Lua") else ""
        rows.append([name, number(one["cpu_us"]), extra, number(one["requests_per_second"])])
    return table(["the script", "CPU a request, µs", "the script, µs", "requests/s"], rows)


def plugins(result):
    peers = [name for name in ["postern", "haproxy", "nginx", "envoy"] if any(name in one for one in result.values())]
    rows = [[f"`{name}`" if name != "noise" else name] + [f"{one[peer]:.2f}" if peer in one else "" for peer in peers]
            for name, one in result.items()]
    return table(["more CPU a request, µs"] + peers, rows)


def telemetry(result):
    base = next(iter(result.values()))
    rows = []
    for name, one in result.items():
        worker = one["worker_us"] if name.startswith("postern") else None
        rows.append([
            name, number(one["cpu_us"]), number(worker) if worker else "",
            f"{worker - base['worker_us']:.2f}" if worker else "", number(one["requests_per_second"])])
    head = ["", "CPU a request, µs", "of the worker, µs", "more than without a rule, µs", "requests/s"]
    text = table(head, rows)
    both = [one["cpu_us"] for name, one in result.items() if name.endswith("log")]
    if len(both) == 2:
        text += f"\n\nWith metrics and log, Postern takes {both[0] / both[1]:.2f} of Envoy's CPU."
        if "relay" in result:
            text += f" The relay, which neither parses nor logs, takes {result['relay']['cpu_us'] / both[1]:.2f} of it."
    return text


def idle(result):
    counts = list(next(iter(result.values())))
    rows = []
    for name, memory in result.items():
        each = (memory[counts[-1]]["resident"] - memory[counts[0]]["resident"]) / 1024 / counts[-1]
        rows.append(
            [name] + [f"{one['resident'] / 1e6:.1f} ({one['private'] / 1e6:.1f})" for one in memory.values()]
            + [f"{each:.2f}"])
    head = ["resident (private) MB"] + [f"{count:,} idle" for count in counts] + ["KiB each"]
    return table(head, rows)


def functions(result):
    rows = [[functions_module.TITLES.get(name, name), f"{time:,.0f}" if time else "", f"{count:,.0f}" if count else ""]
            for name, (time, count) in result.items()]
    return table(["function", "ns", "instructions"], rows)


def update(path, section, text, versions, options):
    """Replaces what stands between the markers of `section`, with when and on what it was measured."""
    stamp = (f"{datetime.date.today().isoformat()}, commit {versions['commit']}; nginx {versions['nginx']}, "
             f"HAProxy {versions['haproxy']}, Envoy {versions['envoy']}, OpenSSL {versions['openssl']}; "
             f"{versions['machine']}")
    if section not in ("idle", "functions"):
        stamp += f"; medians of {options.count} rounds of {options.seconds} s"
    with open(path) as file:
        page = file.read()
    begin, end = f"<!-- {section}: begin -->", f"<!-- {section}: end -->"
    if begin not in page or end not in page:
        raise SystemExit(f"{path} has no markers '{begin}' and '{end}'")
    block = f"{begin}\n{text}\n\n*{stamp}*\n{end}"
    page = re.sub(re.escape(begin) + ".*?" + re.escape(end), lambda _: block, page, flags=re.S)
    with open(path, "w") as file:
        file.write(page)
