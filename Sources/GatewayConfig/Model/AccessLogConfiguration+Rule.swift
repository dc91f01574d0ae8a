extension AccessLogConfiguration {
    /// What its handler and its instance are called.
    public static let ruleName = "accesslog"

    /// The handler, the instance and the rule that it is short for; empty when nothing is written.
    ///
    /// - Parameter own: An instance that is to be written in place of the standard one.
    func mixer(with own: InstanceConfiguration? = nil) -> MixerConfiguration {
        guard self.format != .off else { return MixerConfiguration() }
        var mixer = MixerConfiguration(reading: Self.text(of: self, columns: own?.variableNames))
        for index in mixer.handlers.indices { mixer.handlers[index].location = self.location }
        if let own { mixer.instances = [own] }
        return mixer
    }

    /// The text of what it is short for, as the documentation shows it.
    public var ruleText: String { Self.text(of: self, columns: nil) }

    private static func text(of log: AccessLogConfiguration, columns: [String]?) -> String {
        let (adapter, place) =
            switch log.destination {
            case .standardOutput: ("stdio", "stream: stdout")
            case .file(let path): ("file", "path: \(ConfigNode(.string(ConfigPaths.absolute(path))).json())")
            }
        let names = columns ?? Self.variables.map(\.name)
        let format =
            log.format == .text
            ? "format: text\n        line: '\(Self.line)'"
            : "format: json\n        columns: \(Self.list(names))"
        return """
            version: 1
            mixer:
              defaults: none
              handlers:
                - name: \(Self.ruleName)
                  adapter: \(adapter)
                  batch: { interval: 80ms }
                  config:
                    \(place)
                    \(format)
              instances:
                - name: \(Self.ruleName)
                  template: logentry
                  params:
                    timestamp: request.time | context.time
                    variables:
            \(Self.variables.map { "          \($0.name): \($0.expression)" }.joined(separator: "\n"))
              rules:
                - actions: [{ handler: \(Self.ruleName), instances: [\(Self.ruleName)] }]

            """
    }

    /// Envoy's default format.
    private static let line = """
        [{start_time}] "{method} {path} {protocol}" {response_code} {response_flags} {bytes_received} \
        {bytes_sent} {duration} {upstream_service_time} "{x_forwarded_for}" "{user_agent}" "{request_id}" \
        "{authority}" "{upstream_host}"
        """

    /// In the order of a line's keys, with the names that Istio's users know.
    private static let variables: [(name: String, expression: String)] = [
        ("start_time", "request.time | context.time - connection.duration"),
        ("method", "request.method"),
        ("path", "request.original_path"),
        ("protocol", "request.protocol"),
        ("response_code", "response.code | 0"),
        ("grpc_status", "postern.grpc_status_name"),
        ("response_flags", "response.flags"),
        ("response_code_details", "response.code_details"),
        ("bytes_received", "request.size | connection.received.bytes_total"),
        ("bytes_sent", "response.size | connection.sent.bytes_total"),
        ("duration", "milliseconds(response.duration | connection.duration)"),
        ("upstream_service_time", "milliseconds(postern.upstream_service_time)"),
        ("upstream_request_attempt_count", "postern.attempts"),
        ("x_forwarded_for", #"request.headers["x-forwarded-for"]"#),
        ("user_agent", "request.useragent"),
        ("request_id", "request.id"),
        ("authority", "request.host"),
        ("upstream_host", "upstream.address"),
        ("upstream_cluster", "destination.service.name"),
        ("downstream_local_address", "connection.local_address"),
        ("downstream_remote_address", "connection.remote_address"),
        ("requested_server_name", "connection.requested_server_name"),
        ("route_name", "route.name"),
        ("listener_name", "listener.name"),
        ("connection_id", "connection.id"),
    ]

    /// A YAML list, some names a line.
    private static func list(_ names: [String]) -> String {
        let lines = stride(from: 0, to: names.count, by: 5).map {
            names[$0..<min($0 + 5, names.count)].joined(separator: ", ")
        }
        return "[\n          \(lines.joined(separator: ",\n          "))\n        ]"
    }
}

extension InstanceConfiguration {
    /// The names of a log entry's variables.
    fileprivate var variableNames: [String]? {
        guard case .object(let members)? = self.params["variables"]?.value else { return nil }
        return members.map(\.key)
    }
}
