internal import Adapting

// How each template's params are written (docs/reference/templates.md).

extension Template {
    /// Where the expression of a column of the template's own stands.
    func place(of column: String) -> [String] {
        guard self == .authorization else { return [column] }
        return [column == "user" || column == "groups" ? "subject" : "action", column]
    }

    /// Objects whose members are columns, under their names.
    var namedColumns: [(path: [String], prefix: String)] {
        switch self {
        case .metric, .quota: [(["dimensions"], "")]
        case .logentry: [(["variables"], "")]
        case .tracespan: [(["spanTags"], "")]
        case .authorization:
            [(["subject", "properties"], "subject."), (["action", "properties"], "action.")]
        default: []
        }
    }

    /// Keys that hold no column.
    var literals: [String] {
        switch self {
        case .metric: ["name", "value", "kind", "bounds", "unit", "help"]
        case .quota: ["amount", "bestEffort", "deduplication", "prefetch"]
        default: []
        }
    }

    /// What a column is without an expression of its own; nil: absent.
    var standardExpressions: [String?] {
        switch self {
        case .logentry: [#""info""#, "request.time | context.time"]
        case .tracespan:
            [
                "postern.trace_id", "postern.span_id", "postern.parent_span_id",
                #"request.method + " " + request.url_path"#, "request.time",
                "request.time + response.duration", "response.code", "false",
                "source.workload.name", "source.ip", "destination.service.name", "destination.ip",
                "request.size", "response.size",
            ]
        case .edge:
            [
                "request.time | context.time", "source.uid", "source.owner", "source.workload.name",
                "source.workload.namespace", "destination.uid", "destination.owner",
                "destination.workload.name", "destination.workload.namespace", "destination.service.name",
                "context.protocol", "api.protocol", "response.code",
                "response.duration | connection.duration",
            ]
        case .apikey:
            // No moment: it is part of what an answer is remembered by, and would be another each time.
            ["api.service", "api.version", "api.operation", "request.api_key", nil]
        case .authorization:
            [
                "source.principal", nil, "destination.namespace", "destination.service.name",
                "request.method",
                "request.url_path",
            ]
        default: Array(repeating: nil, count: self.columns.count)
        }
    }
}
