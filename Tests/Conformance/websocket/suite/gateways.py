"""The same routes in Envoy, nginx and Postern: the WebSocket server, guarded and with an idle timeout, and events."""
from harness import peers
from harness.process import free_port

KEY = "a-key-for-tests"
# Cases that another gateway fails by what it is; Postern passes all.
KNOWN = {"envoy": {}, "nginx": {}, "postern": {}}
ENVOY = "type.googleapis.com/envoy.extensions"


def envoy(bench, echo, events, tls):
    """Returns the ports of plain text and TLS."""
    plain, secure = free_port(), free_port()
    upgrade = {"upgrade_configs": [{"upgrade_type": "websocket"}], "timeout": "0s"}

    def route(prefix, cluster, match=None, **action):
        return {"match": {"prefix": prefix, **(match or {})},
                "route": {"cluster": cluster, "timeout": "0s", **action}}

    guard = {"headers": [{"name": "x-api-key", "string_match": {"exact": KEY}}]}
    routes = [
        route("/ws/", "echo", prefix_rewrite="/", **upgrade),
        route("/ws-guarded/", "echo", guard, prefix_rewrite="/", **upgrade),
        {"match": {"prefix": "/ws-guarded/"}, "direct_response": {"status": 401}},
        route("/ws-idle/", "echo", prefix_rewrite="/", idle_timeout="0.5s", **upgrade),
        route("/", "events")]

    def listener(name, port, **chain):
        manager = {
            "@type": f"{ENVOY}.filters.network.http_connection_manager.v3.HttpConnectionManager",
            "stat_prefix": name, "route_config": {"name": "all", "virtual_hosts": [
                {"name": "all", "domains": ["*"], "routes": routes}]},
            "upgrade_configs": [{"upgrade_type": "websocket"}], "stream_idle_timeout": "0s",
            "http_filters": [{"name": "envoy.filters.http.router", "typed_config": {
                "@type": f"{ENVOY}.filters.http.router.v3.Router"}}]}
        return {"name": name, "address": peers.envoy_address(port), "filter_chains": [{"filters": [
            {"name": "envoy.filters.network.http_connection_manager", "typed_config": manager}], **chain}]}

    socket = {"@type": f"{ENVOY}.transport_sockets.tls.v3.DownstreamTlsContext", "common_tls_context": {
        "tls_certificates": [
            {"certificate_chain": {"filename": tls["host.pem"]}, "private_key": {"filename": tls["host.key"]}}]}}

    def cluster(name, port):
        return {"name": name, "type": "STATIC", "connect_timeout": "5s",
                "circuit_breakers": {"thresholds": [{"max_connections": 4096, "max_requests": 4096}]},
                "load_assignment": {"cluster_name": name, "endpoints": [
                    {"lb_endpoints": [{"endpoint": {"address": peers.envoy_address(port)}}]}]}}

    peers.envoy(bench, {"static_resources": {
        "listeners": [
            listener("plain", plain),
            listener("secure", secure, transport_socket={"name": "tls", "typed_config": socket})],
        "clusters": [cluster("echo", echo), cluster("events", events)]}})
    return plain, secure


def nginx(bench, echo, events, tls):
    """As everyone writes it."""
    plain, secure = free_port(), free_port()
    upgrade = f"""
            proxy_pass http://127.0.0.1:{echo}/;
            proxy_http_version 1.1;
            proxy_set_header Upgrade $http_upgrade;
            proxy_set_header Connection upgrade;"""
    peers.nginx(bench, f"""
    server {{
        listen 127.0.0.1:{plain} backlog=2048;
        listen 127.0.0.1:{secure} ssl backlog=2048;
        ssl_certificate {tls["host.pem"]};
        ssl_certificate_key {tls["host.key"]};
        location /ws/ {{ {upgrade} }}
        location /ws-guarded/ {{
            if ($http_x_api_key != "{KEY}") {{ return 401; }} {upgrade}
        }}
        location /ws-idle/ {{ {upgrade} proxy_read_timeout 500ms; }}
        location / {{
            proxy_pass http://127.0.0.1:{events};
            proxy_http_version 1.1;
            proxy_set_header Connection "";
            proxy_buffering off;
            proxy_request_buffering off;
        }}
    }}
""", plain)
    return plain, secure


def postern(bench, echo, events, tls, build, has_tls):
    """Everything, on both listeners."""
    guard = f"[{{ plugin: key-auth, config: {{ header: x-api-key, keys: [{{ name: test, key: {KEY} }}] }} }}]"
    secure = f"""
  - name: secure
    address: "127.0.0.1:0"
    # The clients read in a thread of their own: a ticket that comes while the other begins to send stops it.
    tls:
      certificates: [{{ certificate: {tls["host.pem"]}, key: {tls["host.key"]} }}]
      sessionTickets: {{ enabled: false }}""" if has_tls else ""

    def rule(name, service, more=""):
        return (f"      - {{ match: {{ path: {{ prefix: /{name} }} }}, rewrite: {{ path: {{ replacePrefix: / }} }}, "
                f"service: {service}{more} }}")

    process = peers.postern(bench, f"""
workers: 2
listeners:
  - {{ name: plain, address: "127.0.0.1:0" }}{secure}
routes:
  - name: all
    rules:
{rule("ws", "echo")}
{rule("ws-guarded", "echo", f", filters: {guard}")}
{rule("ws-idle", "impatient")}
      - {{ match: {{ path: {{ prefix: / }} }}, service: events }}
services:
  - {{ name: echo, endpoints: ["127.0.0.1:{echo}"], pool: {{ maxConnections: 4096 }} }}
  - {{ name: impatient, endpoints: ["127.0.0.1:{echo}"], timeouts: {{ idle: 500ms }} }}
  - {{ name: events, endpoints: ["127.0.0.1:{events}"] }}
""", build)
    return process.listeners["plain"], process.listeners.get("secure")
