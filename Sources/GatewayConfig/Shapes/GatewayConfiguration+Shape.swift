extension ConfigShape where Value == GatewayConfiguration {
    /// The whole file.
    static var gateway: Self {
        .object(
            GatewayConfiguration(),
            [
                .required("version", \.version, .integer(oneOf: [1]), "The version of the format: 1."),
                .key(
                    "admin", \.admin, ConfigShape<AdminConfiguration>.admin.optional,
                    "The endpoints for operators."),
                .key(
                    "workers", \.workers, ConfigShape<Int>.integer(1...1024).optional,
                    "How many event loops; one a core when absent."
                ),
                .key(
                    "plugins", \.pluginPath,
                    .object([], [.key("path", \.self, .list(of: .filePath), Self.pathText)]),
                    "Where plugins are found."
                ),
                .key(
                    "listeners", \.listeners, .list(of: .listener, unique: \.name), "Where requests come in."
                ),
                .key("routes", \.routes, .list(of: .route, unique: \.name), "Which request goes where."),
                .key(
                    "tcpRoutes", \.tcpRoutes, .list(of: .tcpRoute, unique: \.name),
                    "Where connections without HTTP go."),
                .key(
                    "services", \.services, .list(of: .service, unique: \.name),
                    "What requests are sent to."),
                .key(
                    "accessLog", \.accessLog, .accessLog,
                    "The line written for every request; off when absent."),
                .key(
                    "mixer", \.mixer, .mixer,
                    "Where logs, metrics and traces go, and which policies are asked."),
            ]
        )
    }

    private static var pathText: String { "Folders searched for plugins after the installed ones." }
}

extension ConfigShape where Value == AdminConfiguration {
    static var admin: Self {
        .object(
            AdminConfiguration(address: .unix("")),
            [
                .required(
                    "address", \.address, .listenAddress, "Where the admin endpoints are; loopback, usually.")
            ]
        )
    }
}

extension ConfigShape where Value == AccessLogConfiguration {
    static var accessLog: Self {
        .object(
            AccessLogConfiguration(),
            [
                .key("format", \.format, .word(), "How a line looks: JSON, Envoy's default text, or no log."),
                .key("path", \.destination, .logDestination, "`stdout` or a file, which is appended to."),
                .location(\.location),
            ]
        )
    }
}

extension ConfigShape where Value == AccessLogConfiguration.Destination {
    fileprivate static var logDestination: Self {
        let text = ConfigShape<String>.text(1...4096)
        return Self(
            schema: text.schema,
            read: { node, reading in
                guard let path = text.read(node, &reading) else { return nil }
                return path == "stdout" ? .standardOutput : .file(reading.resolve(path))
            },
            write: { $0 == .standardOutput ? "stdout" : nil }
        )
    }
}
