/// What an instance is made by; numbers are those of postern_adapter.h.
public enum Template: UInt32, Sendable, Hashable, CaseIterable {
    case metric = 1
    case logentry, tracespan, edge, reportnothing, checknothing, listentry, authorization, apikey, quota,
        attributes

    /// The spelling in configurations.
    public var name: String { "\(self)" }

    public init?(name: String) {
        guard let found = Self.allCases.first(where: { $0.name == name }) else { return nil }
        self = found
    }

    /// What an adapter is asked with it.
    public enum Variety: Sendable, Hashable {
        case report, check, quota, attributes
    }

    public var variety: Variety {
        switch self {
        case .metric, .logentry, .tracespan, .edge, .reportnothing: .report
        case .checknothing, .listentry, .authorization, .apikey: .check
        case .quota: .quota
        case .attributes: .attributes
        }
    }

    /// The values that every record has, in order (docs/reference/templates.md).
    public var columns: [RecordColumn] {
        switch self {
        case .metric, .reportnothing, .checknothing, .quota, .attributes: []
        case .logentry: [RecordColumn("severity", .string), RecordColumn("timestamp", .timestamp)]
        case .tracespan:
            [
                RecordColumn("traceId", .string), RecordColumn("spanId", .string),
                RecordColumn("parentSpanId", .string), RecordColumn("spanName", .string),
                RecordColumn("startTime", .timestamp), RecordColumn("endTime", .timestamp),
                RecordColumn("httpStatusCode", .int64), RecordColumn("clientSpan", .bool),
                RecordColumn("sourceName", .string), RecordColumn("sourceIp", .ipAddress),
                RecordColumn("destinationName", .string), RecordColumn("destinationIp", .ipAddress),
                RecordColumn("requestSize", .int64), RecordColumn("responseSize", .int64),
            ]
        case .edge:
            [RecordColumn("timestamp", .timestamp)]
                + [
                    "sourceUid", "sourceOwner", "sourceWorkloadName", "sourceWorkloadNamespace",
                    "destinationUid", "destinationOwner", "destinationWorkloadName",
                    "destinationWorkloadNamespace", "destinationServiceName", "contextProtocol", "apiProtocol",
                ].map { RecordColumn($0, .string) }
                + [RecordColumn("responseCode", .int64), RecordColumn("duration", .duration)]
        case .listentry: [RecordColumn("value", .string)]
        case .authorization:
            ["user", "groups", "namespace", "service", "method", "path"].map { RecordColumn($0, .string) }
        case .apikey:
            ["api", "apiVersion", "apiOperation", "apiKey"].map { RecordColumn($0, .string) }
                + [RecordColumn("timestamp", .timestamp)]
        }
    }
}

/// A set of templates.
public struct TemplateSet: Sendable, Hashable {
    /// A bit for each, `1 << number`.
    public var bits: UInt64

    public init(bits: UInt64) { self.bits = bits }
    public init(_ templates: [Template]) { self.bits = templates.reduce(0) { $0 | 1 << UInt64($1.rawValue) } }

    public func contains(_ template: Template) -> Bool { self.bits & 1 << UInt64(template.rawValue) != 0 }
    public var all: [Template] { Template.allCases.filter(self.contains) }
}
