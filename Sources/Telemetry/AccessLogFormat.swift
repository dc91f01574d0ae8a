internal import Primitives

/// How an access log's lines are written.
public enum AccessLogFormat: String, Sendable, Hashable, CaseIterable {
    /// One JSON object a line, with the keys that Istio's users know.
    case json
    /// Envoy's default format.
    case text

    /// Appends one line with its line feed.
    func append(_ reading: ExchangeReading, _ names: NameTable, to buffer: ByteBuffer) {
        switch self {
        case .json: self.appendJSON(reading, names, to: buffer)
        case .text: self.appendText(reading, to: buffer)
        }
    }

    // MARK: Text

    private func appendText(_ reading: ExchangeReading, to buffer: ByteBuffer) {
        let record = reading.record
        func quoted(_ fields: ExchangeField...) {
            buffer.append(0x22)
            for (index, field) in fields.enumerated() {
                if index > 0 { buffer.append(0x20) }
                self.appendValue(reading, field, to: buffer)
            }
        }
        buffer.append("[")
        LineFormat.appendTime(record.startTime, digits: 3, to: buffer)
        buffer.append("] ")
        quoted(.method, .path)
        buffer.append(" ")
        let isNamed = record.protocol != .unknown && record.protocol != .tcp
        buffer.append(isNamed ? record.protocol.name : "-")
        buffer.append("\" ")
        buffer.appendDecimal(UInt64(record.status))
        buffer.append(" ")
        record.flags.append(to: buffer)
        for number in [record.requestBytes, record.responseBytes, record.duration / 1_000_000] {
            buffer.append(" ")
            buffer.appendDecimal(number)
        }
        buffer.append(" ")
        if let time = record.upstreamServiceTime {
            buffer.appendDecimal(time / 1_000_000)
        } else {
            buffer.append("-")
        }
        for field in [ExchangeField.forwardedFor, .userAgent, .requestID, .authority, .upstreamHost] {
            buffer.append(" ")
            quoted(field)
            buffer.append("\"")
        }
        buffer.append("\n")
    }

    private func appendValue(_ reading: ExchangeReading, _ field: ExchangeField, to buffer: ByteBuffer) {
        let value = reading[field]
        if value.isEmpty { return buffer.append("-") }
        LineFormat.appendText(value, to: buffer)
        if reading.isTruncated(field) { buffer.append("…") }
    }

    // MARK: JSON

    private func appendJSON(_ reading: ExchangeReading, _ names: NameTable, to buffer: ByteBuffer) {
        let record = reading.record
        buffer.append("{\"start_time\":\"")
        LineFormat.appendTime(record.startTime, digits: 3, to: buffer)
        buffer.append("\"")
        self.append(",\"method\":", reading, .method, to: buffer)
        self.append(",\"path\":", reading, .path, to: buffer)
        self.append(",\"protocol\":", ByteView(record.protocol.name), to: buffer)
        self.append(",\"response_code\":", UInt64(record.status), to: buffer)
        self.append(
            ",\"grpc_status\":", record.grpcStatus.map { ByteView($0.name) } ?? .empty, to: buffer)
        self.append(",\"response_flags\":", record.flags, to: buffer)
        self.append(",\"response_code_details\":", reading, .details, to: buffer)
        self.append(",\"bytes_received\":", record.requestBytes, to: buffer)
        self.append(",\"bytes_sent\":", record.responseBytes, to: buffer)
        self.append(",\"duration\":", record.duration / 1_000_000, to: buffer)
        self.append(
            ",\"upstream_service_time\":", record.upstreamServiceTime.map { $0 / 1_000_000 }, to: buffer)
        self.append(",\"upstream_request_attempt_count\":", UInt64(record.attempts), to: buffer)
        self.append(",\"x_forwarded_for\":", reading, .forwardedFor, to: buffer)
        self.append(",\"user_agent\":", reading, .userAgent, to: buffer)
        self.append(",\"request_id\":", reading, .requestID, to: buffer)
        self.append(",\"authority\":", reading, .authority, to: buffer)
        self.append(",\"upstream_host\":", reading, .upstreamHost, to: buffer)
        self.append(",\"upstream_cluster\":", names.name(record.service), to: buffer)
        self.append(",\"upstream_local_address\":", reading, .upstreamLocalAddress, to: buffer)
        self.append(",\"downstream_local_address\":", reading, .downstreamLocalAddress, to: buffer)
        self.append(",\"downstream_remote_address\":", reading, .downstreamRemoteAddress, to: buffer)
        self.append(",\"requested_server_name\":", reading, .serverName, to: buffer)
        self.append(",\"route_name\":", names.name(record.route), to: buffer)
        self.append(",\"listener_name\":", names.name(record.listener), to: buffer)
        self.append(",\"connection_id\":", record.connectionID, to: buffer)
        buffer.append("}\n")
    }

    // Keys come with their punctuation, so that each is one copy.

    /// Absent texts are null.
    private func append(
        _ key: StaticString, _ value: ByteView, isTruncated: Bool = false, to buffer: ByteBuffer
    ) {
        buffer.append(key)
        if value.isEmpty { return buffer.append("null") }
        buffer.append("\"")
        LineFormat.appendJSON(value, to: buffer)
        if isTruncated { buffer.append("…") }
        buffer.append("\"")
    }

    private func append(
        _ key: StaticString, _ reading: ExchangeReading, _ field: ExchangeField, to buffer: ByteBuffer
    ) {
        self.append(key, reading[field], isTruncated: reading.isTruncated(field), to: buffer)
    }

    private func append(_ key: StaticString, _ value: String, to buffer: ByteBuffer) {
        value.withByteView { self.append(key, $0, to: buffer) }
    }

    private func append(_ key: StaticString, _ value: UInt64?, to buffer: ByteBuffer) {
        buffer.append(key)
        if let value { buffer.appendDecimal(value) } else { buffer.append("null") }
    }

    private func append(_ key: StaticString, _ flags: ResponseFlags, to buffer: ByteBuffer) {
        buffer.append(key)
        buffer.append("\"")
        flags.append(to: buffer)
        buffer.append("\"")
    }
}
