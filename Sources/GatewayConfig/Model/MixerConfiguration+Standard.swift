extension MixerConfiguration {
    /// The configuration with the standard instances and rules that it asks for in front; an instance of its
    /// own takes the place of a standard one of the same name.
    public var withDefaults: MixerConfiguration {
        guard self.defaults == .standard else { return self }
        var whole = MixerConfiguration.standard
        let own = Set(self.instances.map(\.name))
        whole.instances = whole.instances.filter { !own.contains($0.name) } + self.instances
        whole.rules += self.rules
        whole.handlers = self.handlers
        return whole
    }

    /// What `defaults: standard` stands for, read from the text that the documentation shows.
    public static let standard: MixerConfiguration = {
        let read = GatewayConfiguration.read(
            Array(Self.standardText.utf8), fileName: "standard.yaml", directory: "/")
        guard case .loaded(let loaded) = read else { return MixerConfiguration() }
        return loaded.configuration.mixer
    }()

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
        + Self.rules

    private static let rules = """
          rules:
            - match: context.protocol != "tcp"
              actions:
                - handler: admin
                  instances: [requestcount, requestduration, requestsize, responsesize]

        """

    private static func metric(
        _ name: String, _ exported: String, _ kind: String, _ value: String?, _ help: String
    ) -> String {
        """
            - name: \(name)
              template: metric
              params:
                name: \(exported)
                help: \(help)
                kind: \(kind)
        \(value.map { "        value: \($0)\n" } ?? "")\(Self.dimensions)
        """
    }

    private static let dimensions = """
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
                  response_code: string(response.code | 0)
                  grpc_response_status: response.grpc_status | ""
                  response_flags: response.flags | "-"
                  connection_security_policy: conditionalString(connection.mtls | false, "mutual_tls", "none")

        """
}
