internal import CGrpc
internal import Glibc
internal import PluginNet

/// Unary gRPC calls to one server, one after the other on one connection, which is kept.
struct GRPCClient {
    /// How a call ended.
    struct Answer {
        /// 0 without one.
        var httpStatus: Int
        /// Nil without one.
        var status: Int?
        var message: String
        /// google.rpc.Status in base64; may be empty.
        var details: String
        var body: [UInt8]
    }

    private let url: HTTPURL
    private let tls: TLSClient?
    private let timeout: Duration
    private var session: Session?

    init(_ url: HTTPURL, tls: TLSClient?, timeout: Duration) {
        self.url = url
        self.tls = tls
        self.timeout = timeout
    }

    /// - Throws: ``NetError``; the next call connects anew.
    mutating func call(
        _ path: String, _ fields: [(name: String, value: String)], _ message: [UInt8]
    ) throws(NetError) -> Answer {
        let deadline = Deadline(in: self.timeout)
        var session: Session
        if let kept = self.session, kept.isUsable {
            session = kept
        } else {
            session = try Session(try Connection(to: self.url.address, tls: self.tls, until: deadline))
        }
        // Kept again only when all goes well.
        self.session = nil
        let limit = [("grpc-timeout", "\(max(self.timeout.components.seconds * 1000, 1) + 999)m")]
        let answer = try session.call(self.url, path, limit + fields, message, until: deadline)
        self.session = session
        return answer
    }

    /// A connection with what is spoken on it.
    private final class Session {
        // SAFETY: made in init, freed in deinit; one thread uses it at a time.
        private let grpc: OpaquePointer
        private let connection: Connection

        init(_ connection: Connection) throws(NetError) {
            guard let grpc = postern_grpc_new(1 << 20) else {
                throw NetError(.malformed, connection.address, "no memory for HTTP/2")
            }
            self.grpc = grpc
            self.connection = connection
        }

        deinit { postern_grpc_free(self.grpc) }

        /// Takes what came since the last call: a server may have said that it closes.
        var isUsable: Bool {
            var input: [UInt8] = []
            guard (try? self.connection.readAvailable(into: &input)) == true else { return false }
            return postern_grpc_input(self.grpc, input, input.count) && postern_grpc_is_usable(self.grpc)
        }

        func call(
            _ url: HTTPURL, _ path: String, _ fields: [(name: String, value: String)], _ message: [UInt8],
            until deadline: Deadline
        ) throws(NetError) -> Answer {
            // SAFETY: the texts live until `begin` returns, which copies them.
            let texts = fields.map { (strdup($0.name), strdup($0.value)) }
            defer {
                for (name, value) in texts {
                    free(name)
                    free(value)
                }
            }
            let pairs = texts.map { postern_grpc_field(name: $0.0, value: $0.1) }
            guard
                postern_grpc_begin(
                    self.grpc, url.isSecure, url.authority, path, pairs, pairs.count, message, message.count)
            else { throw NetError(.closed, url.address, "HTTP/2 takes no more calls") }
            try self.flush(until: deadline)
            while !postern_grpc_is_over(self.grpc) {
                var input: [UInt8] = []
                guard try self.connection.read(into: &input, until: deadline) > 0 else {
                    throw NetError(.closed, url.address, "closed before it answered")
                }
                guard postern_grpc_input(self.grpc, input, input.count) else {
                    throw NetError(.malformed, url.address, "does not speak HTTP/2")
                }
                try self.flush(until: deadline)
            }
            return self.answer
        }

        private func flush(until deadline: Deadline) throws(NetError) {
            while true {
                // SAFETY: the bytes live until the next call of the session, and are copied before.
                var bytes: UnsafePointer<UInt8>?
                let count = postern_grpc_output(self.grpc, &bytes)
                guard count >= 0 else {
                    throw NetError(.malformed, self.connection.address, "broke HTTP/2")
                }
                if count == 0 { return }
                try self.connection.write(
                    Array(UnsafeBufferPointer(start: bytes, count: Int(count))), until: deadline)
            }
        }

        private var answer: Answer {
            var bytes: UnsafePointer<UInt8>?
            var count = 0
            let isWhole = postern_grpc_answer(self.grpc, &bytes, &count)
            let status = Int(postern_grpc_status(self.grpc))
            return Answer(
                httpStatus: Int(postern_grpc_http_status(self.grpc)), status: status < 0 ? nil : status,
                message: String(cString: postern_grpc_message(self.grpc)),
                details: String(cString: postern_grpc_details(self.grpc)),
                // SAFETY: as above; copied.
                body: isWhole ? Array(UnsafeBufferPointer(start: bytes, count: count)) : [])
        }
    }
}
