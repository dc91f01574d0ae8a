internal import CPosternABI

/// A stream that a filter can answer.
public protocol RespondingStream: HTTPStream, ~Copyable {}

/// An answer could not be given: a response has begun to leave, or a field is malformed.
public struct RespondError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What was wrong.
    public let description: String
}

extension RespondingStream where Self: ~Copyable {
    /// Answers the request; return what it returns.
    ///
    /// The answer passes, in reverse, the response hooks of the filters that the request has reached.
    /// `content-length` and `content-type: text/plain` are supplied.
    ///
    /// - Parameters:
    ///   - status: 200...599.
    ///   - details: Why, for the access log: lower-case words joined by "_".
    /// - Throws: ``RespondError``.
    public mutating func respond(
        status: Int, headers: [(name: String, value: String)] = [], body: String = "", details: String
    ) throws(RespondError) -> FilterAction {
        var text: [UInt8] = []
        func append(_ part: String) -> Range<Int> {
            let start = text.count
            text.append(contentsOf: part.utf8)
            return start..<text.count
        }
        let fields = headers.map { (append($0.name), append($0.value)) }
        let (body, details) = (append(body), append(details))
        let result = text.withUnsafeBufferPointer { text in
            // SAFETY: the host copies the response before `respond` returns; `text` lives until then.
            func bytes(_ range: Range<Int>) -> postern_bytes {
                postern_bytes(ptr: text.baseAddress.map { $0 + range.lowerBound }, len: range.count)
            }
            let list = fields.map {
                postern_field(name: bytes($0.0), value: bytes($0.1), flags: 0, reserved: 0)
            }
            return list.withUnsafeBufferPointer { list in
                var response = postern_local_response(
                    size: MemoryLayout<postern_local_response>.size,
                    status: UInt32(clamping: status),
                    reserved: 0,
                    fields: list.baseAddress,
                    field_count: list.count,
                    body: bytes(body),
                    details: bytes(details)
                )
                return self._call.services.pointee.stream.pointee.respond(self._call.stream, &response)
            }
        }
        switch result {
        case 0: return .responded
        case 3: throw RespondError(description: "the response has already begun")
        default:
            throw RespondError(
                description: "a status of 200...599 and well-formed fields are needed, got \(status)")
        }
    }
}
