"""A strict OTLP collector for tests: writes each request as a line of JSON, and answers what a file says.

    otlp_receiver.py http|grpc PORT FOLDER [CERTIFICATE KEY]

FOLDER/answer, when it is there: {"status": 503, "retryAfter": 1, "rejected": 2, "message": "...", "wait": 1}
(`status` is HTTP's or gRPC's; `retryAfter` is a RetryInfo in gRPC). FOLDER/requests gets the lines, FOLDER/ready is
made when it listens.
"""
import gzip, json, os, sys, time
from concurrent import futures
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from google.protobuf.json_format import MessageToDict
from opentelemetry.proto.collector.logs.v1 import logs_service_pb2 as logs
from opentelemetry.proto.collector.metrics.v1 import metrics_service_pb2 as metrics
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2 as trace

protocol, port, folder = sys.argv[1], int(sys.argv[2]), sys.argv[3]
kinds = {
    "logs": (logs.ExportLogsServiceRequest, logs.ExportLogsServiceResponse, "rejected_log_records"),
    "metrics": (metrics.ExportMetricsServiceRequest, metrics.ExportMetricsServiceResponse, "rejected_data_points"),
    "traces": (trace.ExportTraceServiceRequest, trace.ExportTraceServiceResponse, "rejected_spans"),
}


def answer():
    try:
        with open(os.path.join(folder, "answer")) as file:
            return json.load(file)
    except FileNotFoundError:
        return {}


def take(kind, body, fields):
    """What is wanted, and the response's bytes."""
    wanted = answer()
    time.sleep(wanted.get("wait", 0))
    request = kinds[kind][0].FromString(body)
    # What is unknown to the schema would be lost silently.
    assert request.SerializeToString(deterministic=True) and not has_unknown(request), "unknown fields"
    line = {"kind": kind, "fields": fields, "request": MessageToDict(request)}
    with open(os.path.join(folder, "requests"), "a") as file:
        file.write(json.dumps(line) + "\n")
    response = kinds[kind][1]()
    if wanted.get("rejected") or wanted.get("message"):
        setattr(response.partial_success, kinds[kind][2], wanted.get("rejected", 0))
        response.partial_success.error_message = wanted.get("message", "")
    return wanted, response.SerializeToString()


def has_unknown(message):
    from google.protobuf.unknown_fields import UnknownFieldSet
    if len(UnknownFieldSet(message)):
        return True
    for field, value in message.ListFields():
        if field.type == field.TYPE_MESSAGE:
            for item in value if field.is_repeated else [value]:
                if has_unknown(item):
                    return True
    return False


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        kind = self.path.rsplit("/", 1)[-1]
        body = self.rfile.read(int(self.headers["content-length"]))
        # Rotel compresses what it passes on.
        if body.startswith(b"\x1f\x8b"):
            body = gzip.decompress(body)
        assert self.headers["content-type"] == "application/x-protobuf"
        wanted, data = take(kind, body, {"path": self.path, **{k.lower(): v for k, v in self.headers.items()}})
        self.send_response(wanted.get("status", 200))
        if "retryAfter" in wanted:
            self.send_header("Retry-After", str(wanted["retryAfter"]))
        self.send_header("Content-Type", "application/x-protobuf")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_):
        pass


def serve_grpc():
    import grpc

    def varint(number, value):
        return bytes([number << 3, value])

    def data(number, value):
        return bytes([number << 3 | 2, len(value)]) + value

    class Generic(grpc.GenericRpcHandler):
        def service(self, details):
            kind = {"LogsService": "logs", "MetricsService": "metrics", "TraceService": "traces"}[
                details.method.split("/")[1].rsplit(".", 1)[-1]]
            fields = {"path": details.method, **{k: str(v) for k, v in details.invocation_metadata}}

            def call(body, context):
                wanted, response = take(kind, body, {**fields, "left": context.time_remaining()})
                if wanted.get("status"):
                    if "retryAfter" in wanted:
                        info = data(1, b"type.googleapis.com/google.rpc.RetryInfo") + data(
                            2, data(1, varint(1, wanted["retryAfter"])))
                        status = varint(1, wanted["status"]) + data(3, info)
                        context.set_trailing_metadata((("grpc-status-details-bin", status),))
                    code = next(c for c in grpc.StatusCode if c.value[0] == wanted["status"])
                    context.abort(code, wanted.get("text", "as told"))
                return response

            return grpc.unary_unary_rpc_method_handler(call)

    server = grpc.server(futures.ThreadPoolExecutor(4))
    server.add_generic_rpc_handlers((Generic(),))
    if len(sys.argv) > 4:
        key, chain = open(sys.argv[5], "rb").read(), open(sys.argv[4], "rb").read()
        server.add_secure_port(f"127.0.0.1:{port}", grpc.ssl_server_credentials([(key, chain)]))
    else:
        server.add_insecure_port(f"127.0.0.1:{port}")
    server.start()
    open(os.path.join(folder, "ready"), "w").close()
    server.wait_for_termination()


if protocol == "grpc":
    serve_grpc()
else:
    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    server.daemon_threads = True
    open(os.path.join(folder, "ready"), "w").close()
    server.serve_forever()
