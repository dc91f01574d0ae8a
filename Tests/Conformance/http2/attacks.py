#!/usr/bin/env python3
"""Floods and bombs against an HTTP/2 listener, with what they cost the process behind it.

    python3 attacks.py --target 127.0.0.1:8443 --tls --pid 4711 [--only ping-flood] [--seconds 3] [--json]

Each attack runs for some seconds on several connections, which begin anew when the target closes them. Meanwhile another
client asks, and the memory of the process is read fifty times a second. An attack has failed when memory grows
beyond its limit, when the other client is not answered, or when the target lets a flood go on that it must end.
The service behind the target is http2suite/origin.py.
"""

import argparse
import json
import sys

from http2suite import floods  # noqa: F401  (declares the attacks)
from http2suite.attack import run_all, table
from http2suite.target import Target


def main():
    parser = argparse.ArgumentParser(description="Floods and bombs against an HTTP/2 listener.")
    parser.add_argument("--target", required=True, help="HOST:PORT")
    parser.add_argument("--pid", type=int, required=True, help="the process whose memory and time are read")
    parser.add_argument("--tls", action="store_true")
    parser.add_argument("--only", action="append", default=[], help="names of attacks")
    parser.add_argument("--seconds", type=float, default=3, help="how long each lasts")
    parser.add_argument("--connections", type=int, default=4)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    host, _, port = arguments.target.rpartition(":")
    target = Target(host, int(port), arguments.tls)
    results = run_all(target, arguments.pid, arguments.seconds, arguments.connections, arguments.only)
    print(json.dumps(results, indent=1) if arguments.json else table(results))
    sys.exit(any(one["problems"] for one in results))


if __name__ == "__main__":
    main()
