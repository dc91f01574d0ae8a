"""An HTTP server for logs that takes one shape of bodies, strictly.

    log_server.py --port N --seen FILE --shape lines|array|loki|elasticsearch|splunk
                  [--authorization TEXT] [--status N] [--busy-at N] [--silent] [--certificate FILE --key FILE]

Every record becomes a line of JSON in FILE, and so does every fault of a client. A record says itself what becomes
of it, by its member "fate": "poison" is refused, "busy" is refused once. --status answers all requests with it,
--busy-at the Nth with 429, --silent none.
"""
import argparse
import json
import re
import ssl
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

options = argparse.ArgumentParser()
options.add_argument("--port", type=int, required=True)
options.add_argument("--seen", required=True)
options.add_argument("--shape", required=True)
options.add_argument("--authorization")
options.add_argument("--status", type=int)
options.add_argument("--busy-at", type=int, default=0)
options.add_argument("--silent", action="store_true")
options.add_argument("--certificate")
options.add_argument("--key")
options = options.parse_args()
lock = threading.Lock()
known = set()


class Fault(Exception):
    pass


def demand(condition, what):
    if not condition:
        raise Fault(what)


def unique(pairs):
    demand(len({key for key, _ in pairs}) == len(pairs), "an object has a key twice")
    return dict(pairs)


def refuse_constant(text):
    raise Fault(f"{text} is no JSON")


decoder = json.JSONDecoder(object_pairs_hook=unique, parse_constant=refuse_constant, strict=True)


def lines_of(body):
    demand(body.endswith(b"\n"), "the last line has no end")
    return [decoder.decode(line) for line in body.decode()[:-1].split("\n")]


def objects(values):
    for value in values:
        demand(isinstance(value, dict), "a record is no object")
    return values


class Refused(Exception):
    """The whole request, with a status and a body."""


def is_poison(record):
    return isinstance(record, dict) and record.get("fate") == "poison"


def all_or_nothing(records):
    if any(is_poison(each["record"]) for each in records):
        raise Refused(400, {"message": "a record is poisoned"})
    return records, 200, {}


def take_lines(body):
    return all_or_nothing([{"record": each} for each in objects(lines_of(body))])


def take_array(body):
    values = decoder.decode(body.decode())
    demand(isinstance(values, list) and values, "the body is no array")
    return all_or_nothing([{"record": each} for each in objects(values)])


def take_loki(body):
    value = decoder.decode(body.decode())
    demand(set(value) == {"streams"} and value["streams"], "the body is no object of streams")
    records, seen = [], []
    for stream in value["streams"]:
        demand(set(stream) == {"stream", "values"}, "a stream has other members")
        labels = stream["stream"]
        demand(labels and all(isinstance(text, str) for text in labels.values()), "labels are no texts")
        demand(all(re.fullmatch("[a-zA-Z_][a-zA-Z0-9_]*", name) for name in labels), "a label is malformed")
        demand(labels not in seen, "two streams have the same labels")
        seen.append(labels)
        demand(stream["values"], "a stream is empty")
        for entry in stream["values"]:
            demand(len(entry) == 2 and re.fullmatch("[0-9]{19}", entry[0]) and isinstance(entry[1], str), "no entry")
            line = entry[1]
            records.append({"record": json.loads(line) if line[:1] == "{" else line, "time": entry[0], "stream": labels})
    return all_or_nothing(records)[0], 204, None


def take_elasticsearch(body):
    lines = objects(lines_of(body))
    demand(len(lines) % 2 == 0, "an action has no document")
    records, items = [], []
    for action, document in zip(lines[::2], lines[1::2]):
        demand(len(action) == 1, "an action has several names")
        ((name, target),) = action.items()
        demand(name in ("create", "index") and set(target) == {"_index"}, f"an action is {action}")
        demand(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", document.get("@timestamp", "")), "no @timestamp")
        fate, status = document.get("fate"), 201
        if fate == "poison":
            status = 400
        elif fate == "busy" and document["n"] not in known:
            known.add(document["n"])
            status = 429
        item = {"status": status}
        if status != 201:
            item["error"] = {"type": "some_exception", "reason": f"fate {fate}"}
        else:
            records.append({"record": document, "index": target["_index"], "operation": name})
        items.append({name: item})
    return records, 200, {"errors": len(records) < len(items), "items": items}


def take_splunk(body):
    text, place, records = body.decode(), 0, []
    while place < len(text):
        event, place = decoder.raw_decode(text, place)
        demand(isinstance(event, dict) and event.get("event"), "an event has no 'event'")
        known_members = {"time", "host", "source", "sourcetype", "index", "event"}
        demand(set(event) <= known_members, f"an event has {sorted(set(event) - known_members)}")
        demand(isinstance(event["time"], float), "a time is no number with a fraction")
        if is_poison(event["event"]):
            raise Refused(400, {"text": "Invalid data format", "code": 6, "invalid-event-number": len(records)})
        records.append({"record": event.pop("event"), **event})
    return records, 200, {"text": "Success", "code": 0}


PATHS = {
    "lines": ("/logs", "application/x-ndjson"),
    "array": ("/logs", "application/json"),
    "loki": ("/loki/api/v1/push", "application/json"),
    "elasticsearch": ("/_bulk", "application/x-ndjson"),
    "splunk": ("/services/collector/event", "application/json"),
}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Headers and body are one segment, so that no delayed acknowledgement is waited for.
    wbufsize = -1

    def log_message(self, *_):
        pass

    def answer(self, status, value):
        body = b"" if value is None else json.dumps(value).encode()
        self.send_response(status)
        if value is not None:
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
        if status == 429:
            self.send_header("Retry-After", "1")
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if options.silent:
            time.sleep(60)
            return
        try:
            if options.status:
                raise Refused(options.status, {"message": "told to"})
            options.busy_at -= 1
            if options.busy_at == 0:
                raise Refused(429, {"message": "busy"})
            if options.authorization and self.headers["Authorization"] != options.authorization:
                raise Refused(401, {"text": "Invalid token", "code": 4})
            path, kind = PATHS[options.shape]
            demand(self.path.split("?")[0] == path, f"the path is {self.path}")
            demand(self.headers["Content-Type"] == kind, f"the content type is {self.headers['Content-Type']}")
            records, status, value = globals()[f"take_{options.shape}"](body)
            with lock, open(options.seen, "a") as seen:
                for record in records:
                    record["connection"] = self.client_address[1]
                    record["tenant"] = self.headers["X-Scope-OrgID"]
                    seen.write(json.dumps(record) + "\n")
            self.answer(status, value)
        except Refused as refused:
            self.answer(*refused.args)
        except Exception as fault:
            with lock, open(options.seen, "a") as seen:
                seen.write(json.dumps({"fault": f"{type(fault).__name__}: {fault}"}) + "\n")
            self.answer(400, {"fault": str(fault)})


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_):
        pass


server = Server(("127.0.0.1", options.port), Handler)
if options.certificate:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(options.certificate, options.key)
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
server.serve_forever()
