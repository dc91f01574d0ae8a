internal import PosternSDK

/// One call from a workload to a service.
package struct EdgeCall: Sendable {
    package var key: EdgeKey
    package var status: Int64
    /// In nanoseconds; negative when unknown.
    package var duration: Int64
    /// Nanoseconds since 1970.
    package var time: Int64

    package init(key: EdgeKey, status: Int64, duration: Int64, time: Int64) {
        self.key = key
        self.status = status
        self.duration = duration
        self.time = time
    }
}

/// Who calls whom, how.
package struct EdgeKey: Sendable, Hashable {
    package var source: EdgeEnd
    package var destination: EdgeEnd
    package var service: String
    package var contextProtocol: String
    package var apiProtocol: String

    package init(
        source: EdgeEnd, destination: EdgeEnd, service: String, contextProtocol: String = "",
        apiProtocol: String = ""
    ) {
        self.source = source
        self.destination = destination
        self.service = service
        self.contextProtocol = contextProtocol
        self.apiProtocol = apiProtocol
    }
}

/// A workload; what is not known of it is empty.
package struct EdgeEnd: Sendable, Hashable {
    package var uid: String
    package var owner: String
    package var workload: String
    package var namespace: String

    package init(uid: String = "", owner: String = "", workload: String = "", namespace: String = "") {
        self.uid = uid
        self.owner = owner
        self.workload = workload
        self.namespace = namespace
    }
}

/// Reads records of the template `edge` (docs/reference/templates.md).
struct EdgeReader: Sendable {
    private static let names = [
        "timestamp", "sourceUid", "sourceOwner", "sourceWorkloadName", "sourceWorkloadNamespace",
        "destinationUid", "destinationOwner", "destinationWorkloadName", "destinationWorkloadNamespace",
        "destinationServiceName", "contextProtocol", "apiProtocol", "responseCode", "duration",
    ]
    private let columns: [Int]?

    /// Looks the columns up by name, once for each shape.
    init(_ shape: Shape) {
        let found = Self.names.compactMap { shape.column($0) }
        self.columns = found.count == Self.names.count ? found : nil
    }

    /// Nil when the record is none of the template's.
    func read(_ record: Record) -> EdgeCall? {
        guard let columns else { return nil }
        func text(_ index: Int) -> String { record.text(columns[index]) ?? "" }
        let source = EdgeEnd(uid: text(1), owner: text(2), workload: text(3), namespace: text(4))
        let destination = EdgeEnd(uid: text(5), owner: text(6), workload: text(7), namespace: text(8))
        var call = EdgeCall(
            key: EdgeKey(
                source: source, destination: destination, service: text(9), contextProtocol: text(10),
                apiProtocol: text(11)),
            status: 0, duration: -1, time: record.time.nanoseconds)
        if case .timestamp(let moment) = record[columns[0]] { call.time = moment.nanoseconds }
        if case .int64(let status) = record[columns[12]] { call.status = status }
        if case .duration(let duration) = record[columns[13]] { call.duration = max(duration, 0) }
        return call
    }
}
