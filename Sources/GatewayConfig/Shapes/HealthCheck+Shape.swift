extension ConfigShape where Value == HealthCheck {
    static var healthCheck: Self {
        .object(
            HealthCheck(),
            [
                .choice(
                    \.kind, isRequired: true,
                    [
                        (
                            "path", ConfigShape<String>.path.map { .http(path: $0) },
                            "GET of this path; 2xx is well."
                        ),
                        (
                            "grpc", ConfigShape<GRPCHealth>.grpcHealth.map { .grpc(service: $0.service) },
                            "gRPC's health service; SERVING is well."
                        ),
                    ]
                ),
                .key("interval", \.interval, .timeout, "From one question to the next."),
                .key("timeout", \.timeout, .timeout, "The longest wait for an answer."),
                .key(
                    "healthyThreshold", \.healthyThreshold, .integer(1...100),
                    "Good answers in a row after which an endpoint gets requests again."),
                .key(
                    "unhealthyThreshold", \.unhealthyThreshold, .integer(1...100),
                    "Bad answers in a row after which it gets none."),
            ]
        )
    }
}

/// What `grpc` holds.
struct GRPCHealth: Sendable, Hashable {
    var service = ""
}

extension ConfigShape where Value == GRPCHealth {
    fileprivate static var grpcHealth: Self {
        .object(
            GRPCHealth(),
            [
                .key(
                    "service", \.service, .text(0...127),
                    "The name of the service that is asked for; the whole server when empty.")
            ]
        )
    }
}
