extension ConfigShape where Value == ServiceConfiguration {
    static var service: Self {
        .object(
            ServiceConfiguration(name: "", endpoints: []),
            [
                .required("name", \.name, .name(defining: .service), "What rules, metrics and logs call it."),
                .required(
                    "endpoints", \.endpoints, .list(of: .endpoint, atLeast: 1, unique: \.address.description),
                    "Where it answers."
                ),
                .key("protocol", \.protocol, .word(), "What it speaks."),
                .key("http2", \.http2, .http2, "How HTTP/2 is spoken to it."),
                .key(
                    "proxyProtocol", \.proxyProtocol, .word(),
                    "The PROXY header with which connections begin; in `tcpRoutes` only."),
                .key("pool", \.pool, .pool, "The connections kept to it."),
                .key("timeouts", \.timeouts, .serviceTimeouts, "How long it may take."),
                .key(
                    "loadBalancing", \.loadBalancing, .word(notYet: ["ringHash", "maglev"]),
                    "How an endpoint is chosen."
                ),
                .key(
                    "healthCheck", \.healthCheck, ConfigShape<HealthCheck>.healthCheck.optional,
                    "How its endpoints are asked whether they are well; they are not when absent."),
                .key("dns", \.dns, .dns, "How the names among its endpoints are resolved."),
                .key(
                    "tls", \.tls, ConfigShape<ServiceTLS>.serviceTLS.optional,
                    "TLS; plain text when absent."),
            ]
        ).checked { service, node, reading in
            if case .grpc = service.healthCheck?.kind, service.protocol == .http1,
                let key = node["healthCheck"]?["grpc"]
            {
                reading.problem(key, "`grpc` needs `protocol: http2` or `auto`, got `http1`")
            }
            guard let dns = node["dns"], !service.endpoints.isEmpty,
                !service.endpoints.contains(where: \.isName)
            else { return }
            reading.warn(dns.location, "no endpoint of the service is a name (`dns:`), so this has no effect")
        }
    }
}

extension ConfigShape where Value == EndpointConfiguration {
    fileprivate static var endpoint: Self {
        .either(
            ConfigShape<EndpointAddress>.endpointAddress.map { EndpointConfiguration($0) },
            orObject: .object(
                EndpointConfiguration(.unix("")),
                [
                    .required(
                        "address", \.address, .endpointAddress,
                        "An IP address or a name with a port, or a Unix socket."),
                    .key("weight", \.weight, .weight(1...1000), "Its share of the service's requests."),
                ]
            )
        )
    }
}

extension ConfigShape where Value == PoolLimits {
    fileprivate static var pool: Self {
        .object(
            PoolLimits(),
            [
                .key(
                    "maxConnections", \.maxConnections, .integer(1...65536),
                    "The most connections of one worker."),
                .key("idleTimeout", \.idleTimeout, .timeout, "How long an unused connection is kept."),
            ]
        )
    }
}

extension ConfigShape where Value == ServiceTimeouts {
    fileprivate static var serviceTimeouts: Self {
        .object(
            ServiceTimeouts(),
            [
                .key("connect", \.connect, .timeout, "To accept a connection."),
                .key(
                    "request", \.request, ConfigShape<Duration>.timeout.optional,
                    "From the request's head to the response's end; for ever when absent."
                ),
                .key("idle", \.idle, .timeout, "The longest pause in an exchange."),
            ]
        )
    }
}
