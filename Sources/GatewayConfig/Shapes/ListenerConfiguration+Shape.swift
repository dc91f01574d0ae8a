internal import Primitives

extension ConfigShape where Value == ListenerConfiguration {
    static var listener: Self {
        Self.object(
            ListenerConfiguration(name: "", address: .unix("")),
            [
                .required(
                    "name", \.name, .name(defining: .listener), "What routes, metrics and logs call it."),
                .required(
                    "address", \.address, .listenAddress,
                    "Where it listens; port 0 takes any free port, for each listener its own."),
                .key("protocol", \.protocol, .word(), "What clients speak."),
                .key("proxyProtocol", \.proxyProtocol, .word(), "Whether a PROXY header comes first."),
                .key(
                    "maxConnections", \.maxConnections, ConfigShape<Int>.integer(1...1_000_000).optional,
                    "The most at a time, of all workers; further ones are closed."),
                .key("forwarded", \.forwarded, .forwarded, "How far `X-Forwarded-*` is believed."),
                .key(
                    "normalizePath", \.pathNormalization, .pathNormalization,
                    "What is made uniform in a path."),
                .key("limits", \.limits, .requestLimits, "How large a request's head may be."),
                .key("timeouts", \.timeouts, .listenerTimeouts, "How long a client may take."),
                .key("http2", \.http2, .http2, "How HTTP/2 is spoken with clients."),
                .key("allowConnect", \.allowsConnect, .bool, "Whether CONNECT requests pass."),
                .key(
                    "upgrades", \.upgrades, .list(of: .upgradeToken, unique: { $0 }),
                    "`Upgrade` tokens that pass."),
                .key(
                    "tls", \.tls, ConfigShape<ListenerTLS>.listenerTLS.optional,
                    "TLS; plain text when absent."),
                .key(
                    "forwardClientCertificate", \.clientCertificateForwarding, .clientCertificateForwarding,
                    "What becomes of `X-Forwarded-Client-Cert`."),
                .key("filters", \.filters, .filters, "The filters of every request here, in this order."),
                .location(\.location),
            ]
        ).checked { listener, node, reading in
            if listener.protocol == .tcp { Self.checkMeaning(of: node, &reading) }
            if listener.protocol != .auto, let key = node["timeouts"]?.key("detection") {
                reading.problem(key, "has no meaning without `protocol: auto`")
            }
        }
    }

    /// Keys that speak of requests.
    private static func checkMeaning(of node: ConfigNode, _ reading: inout ConfigReading) {
        for key in ["forwarded", "normalizePath", "limits", "allowConnect", "upgrades"] {
            guard let place = node.key(key) else { continue }
            reading.problem(place, "has no meaning with `protocol: tcp`: there are no requests")
        }
        for key in ["body", "idle"] {
            guard let place = node["timeouts"]?.key(key) else { continue }
            reading.problem(
                place, "has no meaning with `protocol: tcp`; see `timeouts.idle` of `tcpRoutes`")
        }
    }
}

extension ConfigNode {
    /// Where the key stands, if the object has it.
    fileprivate func key(_ name: String) -> ConfigLocation? {
        self.members.first { $0.key == name }?.keyLocation
    }
}

extension ConfigShape where Value == ForwardedPolicy {
    fileprivate static var forwarded: Self {
        .object(
            ForwardedPolicy(),
            [.key("trustedHops", \.trustedHops, .integer(0...16), "How many proxies in front are believed.")]
        )
    }
}

extension ConfigShape where Value == PathNormalization {
    fileprivate static var pathNormalization: Self {
        .object(
            PathNormalization(),
            [
                .key("mergeSlashes", \.mergeSlashes, .bool, "Whether `//` becomes `/`."),
                .key("escapedSlashes", \.escapedSlashes, .word(), "What becomes of `%2F` and `%5C`."),
            ]
        )
    }
}

extension ConfigShape where Value == RequestLimits {
    fileprivate static var requestLimits: Self {
        Self.object(
            RequestLimits(),
            [
                .key(
                    "head", \.head, .byteCount(.kibibytes(1)...(.mebibytes(1))),
                    "The whole head; 431 beyond it."),
                .key("fields", \.fields, .integer(1...1024), "The number of fields; 431 beyond it."),
                .key(
                    "url", \.url, .byteCount(.bytes(256)...(.mebibytes(1))),
                    "The request target; 414 beyond it."),
            ]
        ).checked { limits, node, reading in
            if limits.url > limits.head {
                let place = node["url"] ?? node
                reading.problem(place, "`url` must be at most `head`, \(limits.head), got \(limits.url)")
            }
        }
    }
}

extension ConfigShape where Value == ListenerTimeouts {
    fileprivate static var listenerTimeouts: Self {
        .object(
            ListenerTimeouts(),
            [
                .key("header", \.header, .timeout, "From a request's first byte to its head's end."),
                .key("body", \.body, .timeout, "The longest pause within a body, and of a filter."),
                .key("idle", \.idle, .timeout, "The longest pause between two requests."),
                .key(
                    "detection", \.detection, ConfigShape<Duration>.timeout.optional,
                    "Until a silent client of `auto` is taken for TCP; for ever when absent."),
            ]
        )
    }
}
