"""The same routes in Envoy, nginx and Postern: the echo server, the rough one, refusals, deadlines, gRPC-Web."""
import json

from harness import peers
from harness.process import free_port
from suite.refusals import BODY, STATUSES
from suite.web import ORIGIN

# Cases that another gateway fails by what it is; Postern passes all.
KNOWN = {
    "envoy": {"late-answer-is-cancelled": "resets with INTERNAL_ERROR, for clients a fault of the service"},
    "nginx": {},
    "postern": {},
}
# Groups that need a gateway with the routes below, and those that a plain HTTP/2 proxy cannot do.
OF_GATEWAYS = {"rough", "refusals", "deadlines", "retries", "web"}
OWN_WAY = {"refusals", "deadlines", "retries", "web"}


class Ports:
    """Where the two services listen."""

    def __init__(self, echo, rough):
        self.echo, self.rough, self.dead = echo, rough, 1


ENVOY = "type.googleapis.com/envoy.extensions"


def envoy(bench, ports, tls):
    """Returns the ports of plain text and TLS."""
    plain, secure = free_port(), free_port()
    again = {"retry_on": "refused-stream,unavailable", "num_retries": 2}

    def route(prefix, cluster, **action):
        return {"match": {"prefix": prefix}, "route": {"cluster": cluster, **action}}

    deadline = {"max_stream_duration": {"grpc_timeout_header_max": "0s"}, "timeout": "0s"}
    routes = [
        {"match": {"prefix": f"/refused.v1.Status{status}/"},
         "direct_response": {"status": status, "body": {"inline_string": BODY}}} for status in STATUSES]
    routes += [
        route("/dead.v1.Any/", "dead"), route("/slow.v1.Rough/", "rough", timeout="0.3s"),
        route("/again.v1.Rough/", "rough", retry_policy=again, **deadline),
        route("/rough.v1.Rough/", "rough", **deadline),
        route("/postern.conformance.v1.", "echo", **deadline), route("/grpc.health.v1.", "echo", **deadline)]
    cors = {"@type": f"{ENVOY}.filters.http.cors.v3.CorsPolicy",
            "allow_origin_string_match": [{"exact": ORIGIN}], "allow_methods": "POST",
            "allow_headers": "content-type,x-grpc-web,x-user-agent,grpc-timeout",
            "expose_headers": "grpc-status,grpc-message,grpc-status-details-bin"}
    host = {"name": "all", "domains": ["*"], "routes": routes,
            "typed_per_filter_config": {"envoy.filters.http.cors": cors}}
    filters = [
        {"name": "envoy.filters.http.cors", "typed_config": {"@type": f"{ENVOY}.filters.http.cors.v3.Cors"}},
        {"name": "envoy.filters.http.grpc_web",
         "typed_config": {"@type": f"{ENVOY}.filters.http.grpc_web.v3.GrpcWeb"}},
        {"name": "envoy.filters.http.router", "typed_config": {"@type": f"{ENVOY}.filters.http.router.v3.Router"}}]

    def listener(name, port, **chain):
        manager = {
            "@type": f"{ENVOY}.filters.network.http_connection_manager.v3.HttpConnectionManager",
            "stat_prefix": name, "codec_type": "AUTO", "route_config": {"name": "all", "virtual_hosts": [host]},
            "stream_idle_timeout": "0s", "http_filters": filters}
        return {
            "name": name, "address": peers.envoy_address(port),
            "filter_chains": [{"filters": [
                {"name": "envoy.filters.network.http_connection_manager", "typed_config": manager}], **chain}]}

    socket = {"@type": f"{ENVOY}.transport_sockets.tls.v3.DownstreamTlsContext", "common_tls_context": {
        "alpn_protocols": ["h2", "http/1.1"], "tls_certificates": [
            {"certificate_chain": {"filename": tls["host.pem"]}, "private_key": {"filename": tls["host.key"]}}]}}
    options = f"{ENVOY}.upstreams.http.v3.HttpProtocolOptions"

    def cluster(name, port):
        return {
            "name": name, "type": "STATIC", "connect_timeout": "1s",
            "load_assignment": {"cluster_name": name, "endpoints": [
                {"lb_endpoints": [{"endpoint": {"address": peers.envoy_address(port)}}]}]},
            "typed_extension_protocol_options": {"envoy.extensions.upstreams.http.v3.HttpProtocolOptions": {
                "@type": options, "explicit_http_config": {"http2_protocol_options": {}}}}}

    peers.envoy(bench, {"static_resources": {
        "listeners": [
            listener("plain", plain),
            listener("secure", secure, transport_socket={"name": "tls", "typed_config": socket})],
        "clusters": [cluster("echo", ports.echo), cluster("rough", ports.rough), cluster("dead", ports.dead)]}})
    return plain, secure


def nginx(bench, ports, tls):
    """Only what nginx has: calls pass, nothing is translated."""
    plain, secure = free_port(), free_port()
    peers.nginx(bench, f"""
    server {{
        listen 127.0.0.1:{plain} http2;
        listen 127.0.0.1:{secure} ssl http2;
        ssl_certificate {tls["host.pem"]};
        ssl_certificate_key {tls["host.key"]};
        large_client_header_buffers 8 64k;
        http2_max_concurrent_streams 512;
        client_max_body_size 0;
        grpc_buffer_size 64k;
        grpc_read_timeout 60s;
        grpc_send_timeout 60s;
        client_body_timeout 60s;
        location /rough.v1.Rough/ {{ grpc_pass grpc://127.0.0.1:{ports.rough}; }}
        location / {{ grpc_pass grpc://127.0.0.1:{ports.echo}; }}
    }}
""", plain)
    return plain, secure


def postern(bench, ports, tls, build, has_tls):
    """Everything, on both listeners."""
    cors = json.dumps({
        "origins": [ORIGIN], "methods": ["POST"],
        "headers": ["content-type", "x-grpc-web", "x-user-agent", "grpc-timeout"],
        "exposedHeaders": ["grpc-status", "grpc-message", "grpc-status-details-bin"]})
    rules = [
        f"{{ match: {{ path: {{ prefix: /refused.v1.Status{status} }} }}, "
        f"directResponse: {{ status: {status}, body: {json.dumps(BODY)} }} }}" for status in STATUSES]
    rules += [
        "{ match: { path: { prefix: /dead.v1.Any } }, service: dead }",
        "{ match: { path: { prefix: /slow.v1.Rough } }, service: rough, timeout: 300ms }",
        "{ match: { path: { prefix: /again.v1.Rough } }, service: rough, "
        "retry: { attempts: 3, retryOn: [refused-stream, unavailable] } }",
        "{ match: { path: { prefix: /rough.v1.Rough } }, service: rough }",
        "{ match: { path: { prefix: /grpc.health.v1.Health } }, service: echo }"]
    rules += [
        f"{{ match: {{ path: {{ prefix: /postern.conformance.v1.{name} }} }}, service: echo }}"
        for name in ("Echo", "Control", "Absent")]
    chain = f"[{{ plugin: cors, config: {cors} }}, {{ plugin: grpc-web }}]"
    limits = "limits: { head: 128KiB }"
    lines = "\n".join(f"      - {rule}" for rule in rules)
    secure = f"""
  - name: secure
    address: "127.0.0.1:0"
    {limits}
    tls: {{ certificates: [{{ certificate: {tls["host.pem"]}, key: {tls["host.key"]} }}] }}
    filters: {chain}""" if has_tls else ""
    process = peers.postern(bench, f"""
workers: 2
listeners:
  - {{ name: plain, address: "127.0.0.1:0", {limits}, filters: {chain} }}{secure}
routes:
  - name: all
    rules:
{lines}
services:
  - {{ name: echo, endpoints: ["127.0.0.1:{ports.echo}"], protocol: http2, timeouts: {{ idle: 60s }} }}
  - {{ name: rough, endpoints: ["127.0.0.1:{ports.rough}"], protocol: http2, timeouts: {{ idle: 60s }} }}
  - {{ name: dead, endpoints: ["127.0.0.1:{ports.dead}"], protocol: http2 }}
""", build)
    return process.listeners["plain"], process.listeners.get("secure")
