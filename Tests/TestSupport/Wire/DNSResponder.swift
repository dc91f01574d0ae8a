internal import Foundation
internal import Primitives

/// A server of the domain name system that a test programs, over UDP; what it is not told of does not exist.
public final class DNSResponder: Sendable {
    /// What a question gets.
    public enum Answer: Sendable {
        /// Addresses of the family that was asked for; the others are left out.
        case addresses([String], ttl: UInt32 = 60)
        /// NXDOMAIN.
        case noName
        /// The name is there, and has no such address.
        case noData
        /// Another code: 2 is SERVFAIL, 5 is REFUSED.
        case code(UInt8)
        case silence
        /// The bytes behind a header and question that are well-formed, and how many records they are.
        case records([UInt8], count: UInt16)
        /// Any bytes behind the question's number.
        case bytes([UInt8])
    }

    /// A question that came.
    public struct Question: Sendable, Equatable {
        public let name: String
        /// `A`, `AAAA` or a number.
        public let type: String

        public init(name: String, type: String) {
            self.name = name
            self.type = type
        }
    }

    /// `127.0.0.1:port`.
    public let address: String
    private let work: Work

    /// What the thread shares with the test; the thread alone closes the descriptor, which may be another
    /// socket's from then on.
    private final class Work: Sendable {
        let descriptor: Int32
        let answers = Lock<[String: Answer]>([:])
        let asked = Lock<[Question]>([])
        let isStopping = Lock(false)
        let hasStopped = Gate()

        init(_ descriptor: Int32) { self.descriptor = descriptor }

        func run() {
            while !self.isStopping.withLock({ $0 }), let message = DNSResponder.receive(self.descriptor) {
                self.serve(message.bytes, from: message.sender)
            }
            close(self.descriptor)
            self.hasStopped.open()
        }

        private func serve(_ query: [UInt8], from sender: sockaddr_in) {
            guard let (question, end) = DNSResponder.question(of: query) else { return }
            self.asked.withLock { $0.append(question) }
            let answer = self.answers.withLock { $0["\(question.type) \(question.name)"] } ?? .noName
            guard let reply = DNSResponder.reply(to: query, question, end, answer) else { return }
            var sender = sender
            _ = withUnsafePointer(to: &sender) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    sendto(
                        self.descriptor, reply, reply.count, 0, $0,
                        socklen_t(MemoryLayout<sockaddr_in>.size))
                }
            }
        }
    }

    /// - Parameter port: 0 for a free one.
    public init(port: UInt16 = 0) throws {
        let local = try RawAddress("127.0.0.1:\(port)")
        let descriptor = socket(AF_INET, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0, local.withSockaddr({ bind(descriptor, $0, $1) }) == 0 else {
            throw WireError(.other, "cannot bind \(local.text): \(String(cString: strerror(errno)))")
        }
        self.address = RawAddress.text(ofLocalEndOf: descriptor)
        let work = Work(descriptor)
        self.work = work
        Thread.detachNewThread { work.run() }
    }

    deinit { self.stop() }

    /// Ends it: questions are refused, as the port is closed.
    public func stop() {
        let isFirst = self.work.isStopping.withLock { isStopping in
            defer { isStopping = true }
            return !isStopping
        }
        // It is the thread's until that has stopped.
        if isFirst { shutdown(self.work.descriptor, Int32(SHUT_RDWR)) }
        try? self.work.hasStopped.wait()
    }

    public var port: UInt16 { UInt16(self.address.split(separator: ":").last ?? "") ?? 0 }

    /// Sets what is said of `name`; with a type, only of that.
    public func set(_ name: String, type: String? = nil, _ answer: Answer) {
        let types = type.map { [$0] } ?? ["A", "AAAA"]
        self.work.answers.withLock { all in for type in types { all["\(type) \(name)"] = answer } }
    }

    /// Every question so far.
    public var questions: [Question] { self.work.asked.withLock { $0 } }

    private static func receive(_ descriptor: Int32) -> (bytes: [UInt8], sender: sockaddr_in)? {
        var sender = sockaddr_in()
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        var bytes = [UInt8](repeating: 0, count: 4096)
        let count = withUnsafeMutablePointer(to: &sender) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                recvfrom(descriptor, &bytes, bytes.count, 0, $0, &length)
            }
        }
        return count > 0 ? (Array(bytes[..<count]), sender) : nil
    }

    /// The first question, and where it ends.
    private static func question(of query: [UInt8]) -> (Question, end: Int)? {
        var at = 12
        var labels: [String] = []
        while at < query.count, query[at] != 0 {
            let next = at + 1 + Int(query[at])
            guard next < query.count else { return nil }
            labels.append(String(decoding: query[(at + 1)..<next], as: UTF8.self).lowercased())
            at = next
        }
        guard at + 5 <= query.count else { return nil }
        let type = Int(query[at + 1]) << 8 | Int(query[at + 2])
        let name = type == 1 ? "A" : type == 28 ? "AAAA" : "\(type)"
        return (Question(name: labels.joined(separator: "."), type: name), at + 5)
    }

    private static func reply(to query: [UInt8], _ question: Question, _ end: Int, _ answer: Answer)
        -> [UInt8]?
    {
        func message(_ code: UInt8, _ records: [UInt8] = [], count: UInt16 = 0) -> [UInt8] {
            let head = [0x81, 0x80 | code, 0, 1] + Self.bytes(count) + [0, 0, 0, 0]
            return Array(query[..<2]) + head + Array(query[12..<end]) + records
        }
        switch answer {
        case .silence: return nil
        case .noName: return message(3)
        case .noData: return message(0)
        case .code(let code): return message(code)
        case .records(let records, let count): return message(0, records, count: count)
        case .bytes(let bytes): return Array(query[..<2]) + bytes
        case .addresses(let all, let ttl):
            let records = all.compactMap { Self.record(of: $0, question.type, ttl) }
            return message(0, records.flatMap { $0 }, count: UInt16(records.count))
        }
    }

    /// A record of the name in the question, at which 0xC00C points.
    public static func record(of address: String, _ type: String, _ ttl: UInt32) -> [UInt8]? {
        let isIPv6 = address.contains(":")
        guard type == (isIPv6 ? "AAAA" : "A") else { return nil }
        var bytes = [UInt8](repeating: 0, count: isIPv6 ? 16 : 4)
        guard inet_pton(isIPv6 ? AF_INET6 : AF_INET, address, &bytes) == 1 else { return nil }
        return [0xC0, 0x0C, 0, isIPv6 ? 28 : 1, 0, 1] + Self.bytes(ttl) + [0, UInt8(bytes.count)] + bytes
    }

    /// In network order.
    public static func bytes(_ number: some FixedWidthInteger) -> [UInt8] {
        withUnsafeBytes(of: number.bigEndian) { Array($0) }
    }
}
