"""HAProxy, nginx and Envoy with the edges that a section asks for: one worker, keep-alive, no access log."""
import json

from harness.certificates import CIPHERS, NAME, SUITES
from harness.peers import envoy_binary, write
from harness.process import descriptor_limit, free_port

MODULES = "/usr/lib/nginx/modules"


def haproxy(bench, services, edge, name="haproxy", defaults=""):
    port, plain = free_port(), free_port()
    authority = services.certificates.authority
    bind = ""
    if edge.tls:
        protocols = "h2,http/1.1" if edge.http2 else "http/1.1"
        bind = f"ssl crt {services.certificates.leaves[edge.tls].both} alpn {protocols}"
    elif edge.http2:
        bind = "proto h2"
    server = {"http1": "", "h2c": "proto h2", "grpc": "proto h2",
              "h2": f"ssl alpn h2 verify required ca-file {authority} verifyhost {NAME} sni str({NAME})"}
    http = "option http-keep-alive\n    http-reuse always"
    config = write(bench.path(name.replace(" ", "") + ".cfg"), f"""
global
    nbthread 1
    maxconn 12000
    no strict-limits
    ssl-default-bind-ciphersuites {SUITES}
    ssl-default-bind-ciphers {CIPHERS}
    ssl-default-bind-options ssl-min-ver TLSv1.2
    ssl-default-server-ciphersuites {SUITES}
defaults
    mode {"tcp" if edge.tcp else "http"}
    timeout connect 5s
    timeout client 300s
    timeout server 300s
    {"" if edge.tcp else http}
    {defaults}
frontend public
    bind 127.0.0.1:{port} {bind}
    {f"bind 127.0.0.1:{plain}" if edge.plain else ""}
    default_backend service
backend service
    server one 127.0.0.1:{services.port(edge.service)} {server[edge.service]}
""")
    return bench.start(name, ["haproxy", "-db", "-f", config], port, plain)


def nginx(bench, services, edge, name="nginx"):
    port, plain = free_port(), free_port()
    place = bench.path(name.replace(" ", ""))
    if edge.tcp:
        body = f"""
stream {{
    server {{ listen 127.0.0.1:{port} backlog=4096; proxy_pass 127.0.0.1:{services.port(edge.service)}; tcp_nodelay on; }}
}}"""
    else:
        body = nginx_http(services, edge, port, plain)
    config = write(place + ".conf", f"""
{f"load_module {MODULES}/ngx_stream_module.so;" if edge.tcp else ""}
daemon off;
worker_processes 1;
pid {place}.pid;
error_log {place}.error warn;
events {{ worker_connections {descriptor_limit() - 100}; }}
{body}
""")
    return bench.start(name, ["nginx", "-c", config, "-e", place + ".error"], port, plain)


def nginx_http(services, edge, port, plain):
    listen = f"127.0.0.1:{port}{' ssl' if edge.tls else ''}{' http2' if edge.http2 else ''}"
    tls = ""
    if edge.tls:
        leaf = services.certificates.leaves[edge.tls]
        tls = f"""
        ssl_certificate {leaf.certificate};
        ssl_certificate_key {leaf.key};
        ssl_protocols TLSv1.2 TLSv1.3;
        ssl_ciphers {CIPHERS};
        ssl_conf_command Ciphersuites {SUITES};"""
    passed = "grpc_pass grpc://service;" if edge.service == "grpc" else """
            proxy_pass http://service;
            proxy_http_version 1.1;
            proxy_set_header Connection "";
            proxy_set_header Host $host;
            proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;"""
    return f"""
http {{
    access_log off;
    keepalive_requests 1000000000;
    keepalive_timeout 300s;
    proxy_max_temp_file_size 0;
    upstream service {{
        server 127.0.0.1:{services.port(edge.service)};
        keepalive 128;
        keepalive_requests 1000000000;
    }}
    server {{
        listen {listen} backlog=4096;
        {f"listen 127.0.0.1:{plain} backlog=4096;" if edge.plain else ""}{tls}
        location / {{ {passed}
        }}
    }}
}}"""


def typed(name, content):
    return {"@type": "type.googleapis.com/envoy.extensions." + name, **content}


def envoy_listener(name, port, filter, tls=None):
    chain = {"filters": [filter]}
    if tls:
        chain["transport_socket"] = {"name": "tls", "typed_config": tls}
    return {"name": name, "address": socket_address(port), "filter_chains": [chain]}


def socket_address(port):
    return {"socket_address": {"address": "127.0.0.1", "port_value": port}}


def envoy_filter(edge):
    if edge.tcp:
        return {"name": "tcp", "typed_config": typed("filters.network.tcp_proxy.v3.TcpProxy", {
            "stat_prefix": "public", "cluster": "service"})}
    router = {"name": "router", "typed_config": typed("filters.http.router.v3.Router", {})}
    manager = "filters.network.http_connection_manager.v3.HttpConnectionManager"
    route = {"match": {"prefix": "/"}, "route": {"cluster": "service", "timeout": "60s"}}
    return {"name": "http", "typed_config": typed(manager, {
        "stat_prefix": "public", "http_filters": [router],
        "route_config": {"virtual_hosts": [{"name": "all", "domains": ["*"], "routes": [route]}]}})}


def envoy_cluster(services, edge):
    breakers = {"thresholds": [{"max_connections": 30000, "max_pending_requests": 30000, "max_requests": 30000}]}
    endpoint = {"endpoint": {"address": socket_address(services.port(edge.service))}}
    cluster = {"name": "service", "type": "STATIC", "connect_timeout": "5s", "circuit_breakers": breakers,
               "load_assignment": {"cluster_name": "service", "endpoints": [{"lb_endpoints": [endpoint]}]}}
    if edge.service != "http1":
        options = "upstreams.http.v3.HttpProtocolOptions"
        cluster["typed_extension_protocol_options"] = {"envoy.extensions." + options: typed(
            options, {"explicit_http_config": {"http2_protocol_options": {}}})}
    if edge.service == "h2":
        names = [{"san_type": "DNS", "matcher": {"exact": NAME}}]
        cluster["transport_socket"] = {"name": "tls", "typed_config": typed(
            "transport_sockets.tls.v3.UpstreamTlsContext", {"sni": NAME, "common_tls_context": {
                "alpn_protocols": ["h2"], "validation_context": {
                    "trusted_ca": {"filename": services.certificates.authority},
                    "match_typed_subject_alt_names": names}}})}
    return cluster


def envoy(bench, services, edge, name="envoy"):
    port, plain = free_port(), free_port()
    tls = None
    if edge.tls:
        leaf = services.certificates.leaves[edge.tls]
        tls = typed("transport_sockets.tls.v3.DownstreamTlsContext", {"common_tls_context": {
            "alpn_protocols": ["h2", "http/1.1"] if edge.http2 else ["http/1.1"],
            "tls_params": {"tls_minimum_protocol_version": "TLSv1_2", "cipher_suites": CIPHERS.split(":")},
            "tls_certificates": [{"certificate_chain": {"filename": leaf.certificate},
                                  "private_key": {"filename": leaf.key}}]}})
    listeners = [envoy_listener("public", port, envoy_filter(edge), tls)]
    if edge.plain:
        listeners.append(envoy_listener("plain", plain, envoy_filter(edge)))
    config = write(bench.path(name.replace(" ", "") + ".json"), json.dumps(
        {"static_resources": {"listeners": listeners, "clusters": [envoy_cluster(services, edge)]}}, indent=1))
    return bench.start(name, [
        envoy_binary(bench.root), "--disable-hot-restart", "--concurrency", "1", "-l", "error", "-c", config],
        port, plain)
