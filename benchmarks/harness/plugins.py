"""Postern's plugins beside what the peers have for the same purpose: what each adds to a request."""
import base64
import hashlib
import hmac
import json
import os

from harness import postern
from harness.load import rounds

ADDRESSES = [f"10.{index}.0.0/16" for index in range(100)]
SECRET = b"a secret of thirty-two bytes long"
SESAME = "$2b$04$abcdefghijklmnopqrstuu/LVz6MZlItEy42I2juLihZ66HnQx/cy"  # bcrypt of "open sesame"


def encoded(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def token():
    """A token that lives for long, signed with HS256."""
    parts = [{"alg": "HS256", "typ": "JWT", "kid": "one"}, {"iss": "bench", "sub": "alice", "exp": 4_000_000_000}]
    signed = ".".join(encoded(json.dumps(part).encode()) for part in parts)
    return f"{signed}.{encoded(hmac.new(SECRET, signed.encode(), hashlib.sha256).digest())}"


def key_set():
    return json.dumps({"keys": [{"kty": "oct", "kid": "one", "alg": "HS256", "k": encoded(SECRET)}]})


def ranges(addresses):
    return [{"address_prefix": text.split("/")[0], "prefix_len": int(text.split("/")[1])} for text in addresses]


def features(bench):
    """Name, path, the request's further fields, Postern's configuration, and what the peers are started with."""
    def kept(name, text):
        path = bench.path(name)
        with open(path, "w") as file:
            file.write(text)
        return path

    sha1 = "{SHA}" + base64.b64encode(hashlib.sha1(b"open sesame").digest()).decode()
    users = kept("users", f"alice:{sha1}\n")
    sources = kept("sources", "\n".join(ADDRESSES) + "\n127.0.0.0/8\n")
    limit = {"max_tokens": 10**9, "tokens_per_fill": 10**9, "fill_interval": "1s"}
    always = {"filter_enabled": {"default_value": {"numerator": 100}},
              "filter_enforced": {"default_value": {"numerator": 100}}}
    any_source = [{"remote_ip": one} for one in ranges(ADDRESSES + ["127.0.0.0/8"])]
    basic = "Authorization: Basic " + base64.b64encode(b"alice:open sesame").decode()
    return [
        ("key-auth", "/100", ["x-api-key: demo"], {"keys": [{"name": "alice", "key": "demo"}]}, {
            "haproxy": {"frontend": "http-request deny deny_status 401 unless { req.hdr(x-api-key) -m str demo }"},
            "envoy": {"filter": ("api_key_auth.v3.ApiKeyAuth", {
                "credentials": [{"key": "demo", "client": "alice"}], "key_sources": [{"header": "x-api-key"}]})},
        }),
        ("headers", "/100", [], {"request": {"set": {"x-one": "1"}}, "response": {"set": {"x-two": "2"}}}, {
            "haproxy": {"frontend": "http-request set-header x-one 1\n    http-response set-header x-two 2"},
            "nginx": {"location": "proxy_set_header x-one 1; add_header x-two 2;"},
            "envoy": {"filter": ("header_mutation.v3.HeaderMutation", {"mutations": {
                "request_mutations": [{"append": {"header": {"key": "x-one", "value": "1"}}}],
                "response_mutations": [{"append": {"header": {"key": "x-two", "value": "2"}}}]}})},
        }),
        ("rate-limit", "/100", [], {"requests": 1_000_000, "per": "1s", "by": "source.address"}, {
            "haproxy": {"frontend": "stick-table type ip size 100k expire 10s store http_req_rate(1s)\n"
                        "    http-request track-sc0 src\n"
                        "    http-request deny deny_status 429 if { sc_http_req_rate(0) gt 1000000 }"},
            "nginx": {"http": "limit_req_zone $binary_remote_addr zone=one:10m rate=1000000r/s;",
                      "location": "limit_req zone=one burst=1000000 nodelay;"},
            "envoy": {"filter": ("local_ratelimit.v3.LocalRateLimit", {
                "stat_prefix": "limit", "token_bucket": limit, **always})},
        }),
        ("cors", "/100", ["Origin: https://app.example.com"],
         {"origins": ["https://app.example.com", "https://*.example.org"], "credentials": True}, {
            "envoy": {"filter": ("cors.v3.Cors", {}), "per_route": ("cors.v3.CorsPolicy", {
                "allow_origin_string_match": [{"exact": "https://app.example.com"}, {"suffix": ".example.org"}],
                "allow_credentials": True})},
        }),
        ("ip-restriction", "/100", [], {"allow": ADDRESSES + ["127.0.0.0/8"]}, {
            "haproxy": {"frontend": f"http-request deny unless {{ src -f {sources} }}"},
            "nginx": {"location": "".join(f"allow {one}; " for one in ADDRESSES) + "allow 127.0.0.0/8; deny all;"},
            "envoy": {"filter": ("rbac.v3.RBAC", {"rules": {"policies": {"sources": {
                "permissions": [{"any": True}], "principals": any_source}}}})},
        }),
        ("body-limit", "/100", [], {"request": "1MiB"}, {
            "nginx": {"location": "client_max_body_size 1m;"},
            "envoy": {"filter": ("buffer.v3.Buffer", {"max_request_bytes": 1 << 20})},
        }),
        ("basic-auth", "/100", [basic],
         {"users": [{"name": "alice", "hash": SESAME}], "cacheTime": "5m"}, {
            "haproxy": {"start": "\nuserlist users\n    user alice insecure-password \"open sesame\"",
                        "frontend": "http-request auth unless { http_auth(users) }"},
            "nginx": {"location": f"auth_basic shop; auth_basic_user_file {users};"},
            "envoy": {"filter": ("basic_auth.v3.BasicAuth", {"users": {"filename": users}})},
        }),
        ("compress", "/10k", [], {"encodings": ["gzip"], "levels": {"gzip": 5}, "contentTypes": ["text/plain"]}, {
            "haproxy": {"defaults": "compression algo gzip\n    compression type text/plain"},
            "nginx": {"location": "gzip on; gzip_comp_level 5; gzip_types text/plain; gzip_proxied any;"},
            "envoy": {"filter": ("compressor.v3.Compressor", {"compressor_library": {
                "name": "gzip", "typed_config": {
                    "@type": "type.googleapis.com/envoy.extensions.compression.gzip.compressor.v3.Gzip",
                    "compression_level": "COMPRESSION_LEVEL_5"}}})},
        }),
        ("jwt-auth", "/100", [f"Authorization: Bearer {token()}"], {"providers": [{"issuer": "bench", "keys": key_set(), "algorithms": ["HS256"]}]}, {
            "haproxy": {"frontend": "http-request deny deny_status 401 unless { http_auth_bearer,"
                        f"jwt_verify(\"HS256\",\"{SECRET.decode()}\") 1 }}"},
            "envoy": {"filter": ("jwt_authn.v3.JwtAuthentication", {
                "providers": {"bench": {"issuer": "bench", "local_jwks": {"inline_string": key_set()}}},
                "rules": [{"match": {"prefix": "/"}, "requires": {"provider_name": "bench"}}]})},
        }),
    ]


def measured(bench, options):
    """For each plugin, the CPU that it adds to a request in Postern and in each peer, in µs; and in `noise` by how much
    the same request differed at most between two starts of the same proxy without a plugin."""
    result, plain = {}, {}
    for name, path, fields, config, peers in features(bench):
        processes = [postern.start(bench), postern.start(bench, "postern+", [{"plugin": name, "config": config}])]
        for peer, arguments in peers.items():
            if peer not in options.without:
                processes += [getattr(bench, peer)(), getattr(bench, peer)(peer + "+", **arguments)]
        taken = rounds(processes, path, options.count, options.seconds, options.say, fields)
        bench.stop(*processes)
        asked = [peer for peer in ["postern", *peers] if peer in taken]
        result[name] = {peer: taken[peer + "+"]["cpu_us"] - taken[peer]["cpu_us"] for peer in asked}
        for peer in asked:
            if not fields:
                plain.setdefault((peer, path), []).append(taken[peer]["cpu_us"])
    result["noise"] = {peer: max(times) - min(times) for (peer, path), times in plain.items() if len(times) > 1}
    return result
