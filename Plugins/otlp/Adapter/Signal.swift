internal import PosternSDK

/// What a collector takes, each by a call of its own.
enum Signal: Int, CaseIterable, Sendable {
    case logs, metrics, traces

    init?(_ template: Template) {
        switch template {
        case .logEntry: self = .logs
        case .metric: self = .metrics
        case .traceSpan: self = .traces
        default: return nil
        }
    }

    /// Behind the endpoint's path, over HTTP.
    var path: String {
        switch self {
        case .logs: "/v1/logs"
        case .metrics: "/v1/metrics"
        case .traces: "/v1/traces"
        }
    }

    /// Of the service, over gRPC.
    var method: String {
        switch self {
        case .logs: "/opentelemetry.proto.collector.logs.v1.LogsService/Export"
        case .metrics: "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export"
        case .traces: "/opentelemetry.proto.collector.trace.v1.TraceService/Export"
        }
    }
}
