"""What the standard metrics, an access log in JSON and a check cost, in Postern and in Envoy."""
import os

from harness import postern
from harness.load import rounds

# The keys of Postern's line, with Envoy's words for the values.
FIELDS = {
    "start_time": "%START_TIME%", "method": "%REQ(:METHOD)%", "path": "%REQ(X-ENVOY-ORIGINAL-PATH?:PATH)%",
    "protocol": "%PROTOCOL%", "response_code": "%RESPONSE_CODE%", "grpc_status": "%GRPC_STATUS%",
    "response_flags": "%RESPONSE_FLAGS%", "response_code_details": "%RESPONSE_CODE_DETAILS%",
    "bytes_received": "%BYTES_RECEIVED%", "bytes_sent": "%BYTES_SENT%", "duration": "%DURATION%",
    "upstream_service_time": "%RESP(X-ENVOY-UPSTREAM-SERVICE-TIME)%",
    "upstream_request_attempt_count": "%UPSTREAM_REQUEST_ATTEMPT_COUNT%",
    "x_forwarded_for": "%REQ(X-FORWARDED-FOR)%", "user_agent": "%REQ(USER-AGENT)%",
    "request_id": "%REQ(X-REQUEST-ID)%", "authority": "%REQ(:AUTHORITY)%", "upstream_host": "%UPSTREAM_HOST%",
    "upstream_cluster": "%UPSTREAM_CLUSTER%", "downstream_local_address": "%DOWNSTREAM_LOCAL_ADDRESS%",
    "downstream_remote_address": "%DOWNSTREAM_REMOTE_ADDRESS%",
    "requested_server_name": "%REQUESTED_SERVER_NAME%", "route_name": "%ROUTE_NAME%",
    "listener_name": "%FILTER_CHAIN_NAME%", "connection_id": "%CONNECTION_ID%",
}
NOTHING, CHECK = "postern, no rule", "postern, a check from the cache"
METRICS, BOTH = "postern, metrics", "postern, metrics and log"
# A look-up that holds for five seconds.
CHECKED = {
    "handlers": [{"name": "known", "adapter": "list", "config": {
        "entryType": "addresses", "entries": ["127.0.0.0/8"], "validDuration": "5s"}}],
    "instances": [{"name": "client", "template": "listentry", "params": {"value": "source.address"}}],
    "rules": [{"actions": [{"handler": "known", "instances": ["client"]}]}],
}
ENVOY, ENVOY_LOG = "envoy, metrics", "envoy, metrics and log"


def measured(bench, options):
    log = bench.path("postern-access.log")
    processes = [
        postern.start(bench, NOTHING, more={"mixer": {"defaults": "none"}}),
        postern.start(bench, CHECK, more={"mixer": {"defaults": "none", **CHECKED}}),
        postern.start(bench, METRICS),
        postern.start(bench, BOTH, more={"accessLog": {"format": "json", "path": log}}),
    ]
    if "relay" not in options.without:
        processes.append(bench.relay())
    if "envoy" not in options.without:
        processes += [bench.envoy(ENVOY), bench.envoy(ENVOY_LOG, access_log=FIELDS)]
    try:
        return rounds(processes, "/100", options.count, options.seconds, options.say)
    finally:
        bench.stop(*processes)
        for path in (log, bench.path(ENVOY_LOG + "-access.log")):
            if os.path.exists(path):
                os.remove(path)
