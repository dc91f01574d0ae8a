extension GatewayConfiguration {
    /// The mixer's part with what is short for rules written out and in front: the access log, and the
    /// standard rules. An instance or handler of its own takes the place of one of the same name.
    public var wholeMixer: MixerConfiguration {
        let own = self.mixer
        let log = AccessLogConfiguration.ruleName
        let short =
            (own.defaults == .standard ? [MixerConfiguration.standard] : [])
            + [self.accessLog.mixer(with: own.instances.first { $0.name == log })]
        let handlers = Set(own.handlers.map(\.name))
        let instances = Set(own.instances.map(\.name))
        var whole = MixerConfiguration()
        whole.defaults = .none
        whole.handlers =
            short.flatMap(\.handlers).filter { !handlers.contains($0.name) } + own.handlers
        whole.instances =
            short.flatMap(\.instances).filter { !instances.contains($0.name) } + own.instances
        whole.rules = short.flatMap(\.rules) + own.rules
        return whole
    }
}

extension MixerConfiguration {
    /// What `defaults: standard` stands for, read from the text that the documentation shows.
    public static let standard = MixerConfiguration(reading: Self.standardText)

    /// - Parameter text: A configuration without problems.
    init(reading text: String) {
        self.init()
        let read = GatewayConfiguration.read(Array(text.utf8), fileName: "standard.yaml", directory: "/")
        if case .loaded(let loaded) = read { self = loaded.configuration.mixer }
    }

    /// Istio's standard metrics, as rules that can be copied and changed.
    public static let standardText =
        """
        version: 1
        mixer:
          defaults: none
          instances:

        """
        + Self.metric("requestcount", "istio_requests_total", "counter", nil, "Requests that ended.")
        + Self.metric(
            "requestduration", "istio_request_duration_milliseconds", "histogram", "response.duration",
            "Time from a request's first byte to the end of its response.")
        + Self.metric(
            "requestsize", "istio_request_bytes", "histogram", "request.size", "Sizes of request bodies.")
        + Self.metric(
            "responsesize", "istio_response_bytes", "histogram", "response.size", "Sizes of response bodies.")
        + Self.tcpMetric(
            "tcpconnectionsopened", "istio_tcp_connections_opened_total", nil,
            "TCP connections given to a service.")
        + Self.tcpMetric(
            "tcpbytereceived", "istio_tcp_received_bytes_total", "connection.received.bytes",
            "Bytes that came from TCP clients.")
        + Self.tcpMetric(
            "tcpbytesent", "istio_tcp_sent_bytes_total", "connection.sent.bytes",
            "Bytes that were sent to TCP clients.")
        + Self.tcpMetric(
            "tcpconnectionsclosed", "istio_tcp_connections_closed_total", nil,
            "TCP connections that ended.", flags: "response.flags | \"-\"")
        + Self.rules

    private static let rules = """
          rules:
            - match: context.protocol != "tcp"
              actions:
                - handler: admin
                  instances: [requestcount, requestduration, requestsize, responsesize]
            - match: connection.event == "open"
              actions: [{ handler: admin, instances: [tcpconnectionsopened] }]
            - match: connection.event != "" && destination.service.name != ""
              actions: [{ handler: admin, instances: [tcpbytereceived, tcpbytesent] }]
            - match: connection.event == "close" && destination.service.name != ""
              actions: [{ handler: admin, instances: [tcpconnectionsclosed] }]

        """

    private static func metric(
        _ name: String, _ exported: String, _ kind: String, _ value: String?, _ help: String,
        dimensions: String = Self.dimensions
    ) -> String {
        """
            - name: \(name)
              template: metric
              params:
                name: \(exported)
                help: \(help)
                kind: \(kind)
        \(value.map { "        value: \($0)\n" } ?? "")\(dimensions)
        """
    }

    private static let places = """
                dimensions:
                  reporter: '"source"'
                  source_workload: source.workload.name | "unknown"
                  source_workload_namespace: source.workload.namespace | "unknown"
                  source_principal: '"unknown"'
                  source_app: source.labels["app"] | "unknown"
                  source_version: source.labels["version"] | "unknown"
                  source_canonical_service: source.labels["service.istio.io/canonical-name"] | "unknown"
                  source_canonical_revision: source.labels["service.istio.io/canonical-revision"] | "unknown"
                  source_cluster: '"unknown"'
                  destination_workload: destination.workload.name | "unknown"
                  destination_workload_namespace: destination.workload.namespace | "unknown"
                  destination_principal: destination.principal | "unknown"
                  destination_app: destination.labels["app"] | "unknown"
                  destination_version: destination.labels["version"] | "unknown"
                  destination_service: destination.service.name | "unknown"
                  destination_service_name: destination.service.name | "unknown"
                  destination_service_namespace: destination.service.namespace | "unknown"
                  destination_canonical_service: destination.service.name | "unknown"
                  destination_canonical_revision: '"unknown"'
                  destination_cluster: '"unknown"'
                  request_protocol: context.protocol | "unknown"

        """

    private static let dimensions =
        Self.places
            + """
                      response_code: string(response.code | 0)
                      grpc_response_status: response.grpc_status | ""
                      response_flags: response.flags | "-"

            """ + Self.policy

    /// - Parameter flags: What is told of a connection before its end has none.
    private static func tcpMetric(
        _ name: String, _ exported: String, _ value: String?, _ help: String, flags: String = "'\"-\"'"
    ) -> String {
        Self.metric(
            name, exported, "counter", value, help,
            dimensions: "\(Self.places)          response_flags: \(flags)\n\(Self.policy)")
    }

    private static let policy = """
                  connection_security_policy: conditionalString(connection.mtls | false, "mutual_tls", "none")

        """
}
