"""Against a server, or against the client side of a gateway, whose service the suite then is.

    python3 -m http2suite --target HOST:PORT [--tls] [--only 6.5 ...] [--strict] [--json]
    python3 -m http2suite --gateway HOST:PORT --service PORT [--certificate PEM --key PEM] ...
"""

import argparse
import json
import sys

from . import client, server  # noqa: F401  (they declare the cases)
from .origin import FEATURES
from .runner import chosen, run, run_gateway, totals
from .service import Service
from .target import Target


def main():
    parser = argparse.ArgumentParser(prog="http2suite", description="Cases of HTTP/2.")
    parser.add_argument("--target", help="HOST:PORT where it speaks HTTP/2")
    parser.add_argument("--gateway", help="HOST:PORT where a gateway speaks HTTP/1.1")
    parser.add_argument("--service", type=int, help="where the gateway looks for its service, which is the suite")
    parser.add_argument("--certificate", help="PEM file: the service speaks TLS")
    parser.add_argument("--key", help="PEM file of its key")
    parser.add_argument("--tls", action="store_true", help="through TLS; the certificate is not checked")
    parser.add_argument("--authority", default="example.test", help="what requests name as their host")
    parser.add_argument("--only", action="append", default=[], help="a section, or how an identifier begins")
    parser.add_argument("--without", action="append", default=[],
                        help=f"what the service behind it cannot do: {', '.join(sorted(FEATURES))}, or all")
    parser.add_argument("--timeout", type=float, default=3, help="seconds until silence is a failure")
    parser.add_argument("--strict", action="store_true", help="refuse what the RFC only lets pass")
    parser.add_argument("--jobs", type=int, default=4, help="cases at a time")
    parser.add_argument("--json", action="store_true", help="all results, as JSON")
    arguments = parser.parse_args()
    if bool(arguments.target) == bool(arguments.gateway and arguments.service):
        parser.error("give --target, or --gateway and --service")
    host, _, port = (arguments.target or arguments.gateway).rpartition(":")
    features = frozenset() if "all" in arguments.without else FEATURES - set(arguments.without)
    target = Target(host, int(port), arguments.tls, arguments.authority, arguments.timeout, features)
    if arguments.target:
        results = run(chosen("server", arguments.only), target, arguments.jobs)
    else:
        certificate = (arguments.certificate, arguments.key) if arguments.certificate else None
        results = run_gateway(chosen("client", arguments.only), Service(target, arguments.service, certificate))
    sys.exit(report(results, arguments.strict, arguments.json))


def report(results, is_strict, as_json):
    """Prints them; the exit status."""
    failures = [one for one in results if one.is_failure(is_strict)]
    if as_json:
        print(json.dumps({"totals": totals(results), "results": [one._asdict() for one in results]}, indent=1))
    else:
        for one in results:
            if one in failures or one.verdict in ("lenient", "skip"):
                print(f"{'FAIL' if one in failures else one.verdict:8}{one.id}: {one.why}")
        print(", ".join(f"{count} {verdict}" for verdict, count in totals(results).items()))
    return 1 if failures else 0


if __name__ == "__main__":
    main()
