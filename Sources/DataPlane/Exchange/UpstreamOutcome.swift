internal import HTTPCodec
internal import Telemetry
internal import Upstreams

/// What the client and the record are told of a service's failure: the one table for it.
struct UpstreamOutcome {
    let status: Int
    let flag: ResponseFlags
    let details: String

    init(_ error: UpstreamError) {
        switch error.code {
        case .noEndpoint:
            (self.status, self.flag, self.details) = (503, .noHealthyUpstream, "no_healthy_upstream")
        case .nameUnresolved:
            (self.status, self.flag, self.details) = (503, .dnsResolutionFailed, "dns_resolution_failure")
        case .poolFull: (self.status, self.flag, self.details) = (503, .upstreamOverflow, "overflow")
        case .connectFailed:
            (self.status, self.flag, self.details) = (
                503, .upstreamConnectionFailure, "upstream_connect_failure"
            )
        case .connectTimedOut:
            (self.status, self.flag, self.details) = (
                503, .upstreamConnectionFailure, "upstream_connect_timeout"
            )
        case .tlsFailed(let reason):
            // Details are one word.
            let words = reason.replacing(" ", with: "_")
            (self.status, self.flag, self.details) = (
                503, .upstreamConnectionFailure, "upstream_tls_failure{\(words)}"
            )
        case .closed:
            (self.status, self.flag, self.details) = (502, .upstreamConnectionTermination, "upstream_closed")
        case .reset(let code):
            (self.status, self.flag, self.details) = (
                502, .upstreamRemoteReset, "upstream_reset.\(code.name)"
            )
        case .upgradeRefused:
            (self.status, self.flag, self.details) = (502, .upstreamProtocolError, "upstream_upgrade_refused")
        case .badResponse(let refusal):
            (self.status, self.flag, self.details) = (502, .upstreamProtocolError, "\(refusal.details)")
        case .idleTimedOut:
            (self.status, self.flag, self.details) = (504, .streamIdleTimeout, "upstream_idle_timeout")
        }
    }
}
