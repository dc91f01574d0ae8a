import Foundation
import Synchronization
import TestSupport

/// The service behind one proxy, and the one that scripts call; both are the same process, told apart by
/// path.
final class CaseBackend: Sendable {
    private let backend: RawBackend
    private let seen = Mutex<[RawMessage]>([])

    var address: String { self.backend.address }
    var port: Int { Int(self.address.split(separator: ":").last ?? "") ?? 0 }

    init(_ cases: [LuaCase]) throws {
        self.backend = try RawBackend()
        for one in cases {
            let answer = (one.response ?? LuaCase.Message()).response
            for path in Set(one.requests.map(\.plainPath)) + ["/more"] {
                self.on("/\(one.name)\(path)", answer)
            }
        }
        for (path, answer) in Self.services { self.on("/service/\(path)", answer) }
        self.backend.on("/service/echo") { [unowned self] connection, head in
            let request = try connection.finish(head)
            self.seen.withLock { $0.append(request) }
            let length = request.body.count
            try connection.send(
                "HTTP/1.1 200 OK\r\nX-Service: yes\r\nContent-Length: \(length)\r\n\r\n\(request.text)")
            return true
        }
        self.backend.on("/service/never") { connection, _ in
            while !(try connection.isAtEnd()) {}
            return false
        }
    }

    private static let services = [
        "empty": "HTTP/1.1 204 No Content\r\n\r\n",
        "denied": "HTTP/1.1 403 Forbidden\r\nX-Why: because\r\nContent-Length: 2\r\n\r\nno",
        "many": "HTTP/1.1 200 OK\r\nkey: v0\r\none: 1\r\nkey: v1\r\nKey: v2\r\nContent-Length: 0\r\n\r\n",
        "audit": "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
    ]

    private func on(_ path: String, _ answer: String) {
        self.backend.on(path) { [unowned self] connection, head in
            let request = try connection.finish(head)
            self.seen.withLock { $0.append(request) }
            try connection.send(answer)
            return true
        }
    }

    /// What has come since the last call, once there are so many.
    func take(atLeast count: Int) -> [RawMessage] {
        eventually { self.seen.withLock { $0.count } >= count }
        return self.seen.withLock { all in
            defer { all = [] }
            return all
        }
    }
}

extension LuaCase.Message {
    /// The path without its query.
    var plainPath: String { String((self.path ?? "").prefix { $0 != "?" }) }
}
