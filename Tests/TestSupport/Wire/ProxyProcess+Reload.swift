internal import Foundation

// Changing the configuration of a running gateway, and asking it how it stands.

extension ProxyProcess {
    /// How a file gets its new content.
    public enum Replacement: Sendable, CaseIterable {
        /// A new file is renamed over it, as deployments and most editors do.
        case rename
        /// It is opened and written.
        case inPlace
    }

    /// The file that ``init(_:workers:folder:logLevel:)`` makes of a configuration.
    static func whole(_ configuration: String, _ workers: Int, _ folder: TemporaryFolder) -> String {
        let others = [
            ("version", "1"),
            ("admin", "{ address: \"127.0.0.1:0\" }"),
            ("workers", "\(workers)"),
            ("plugins", "{ path: [\"\(folder.url.path)\", \"\(Binaries.pluginFolder)\"] }"),
            ("accessLog", "{ format: json, path: \"\(folder.file("access.log").path)\" }"),
        ]
        let missing = others.filter { !"\n\(configuration)".contains("\n\($0.0):") }
        return missing.map { "\($0.0): \($0.1)\n" }.joined() + configuration
    }

    /// Puts a configuration in the place of the one in its file, which makes the gateway read it.
    public func configure(_ configuration: String, by replacement: Replacement = .rename) throws {
        let text = Self.whole(configuration, self.workers, self.folder)
        switch replacement {
        case .rename: _ = try self.folder.write(text, to: "postern.yaml")
        case .inPlace:
            try text.write(to: self.folder.file("postern.yaml"), atomically: false, encoding: .utf8)
        }
    }

    /// Does what makes the gateway read its files, and waits until it has brought them into force.
    ///
    /// - Returns: false when it has refused them.
    /// - Throws: ``WireError`` when it has not read them.
    @discardableResult
    public func reload(_ change: () throws -> Void) throws -> Bool {
        let before = try self.outcomes()
        try change()
        guard try eventually({ try self.outcomes() != before }) else {
            throw WireError(.timedOut, "the gateway has read nothing again")
        }
        return try self.outcomes().inForce > before.inForce
    }

    /// Asks for a reload with the signal.
    @discardableResult
    public func reload() throws -> Bool { try self.reload { self.send(signal: SIGHUP) } }

    /// How often a configuration came into force, and how often one was refused.
    public func outcomes() throws -> Outcomes {
        Outcomes(
            inForce: try self.sum("postern_config_reloads_total", ["result": "success"]),
            refused: try self.sum("postern_config_reloads_total", ["result": "refused"])
        )
    }

    /// See ``ProxyProcess/outcomes()``.
    public struct Outcomes: Sendable, Equatable {
        public let inForce: Int
        public let refused: Int
    }

    /// What an admin endpoint says in JSON.
    public func adminJSON<Value: Decodable>(_ target: String, as: Value.Type = Value.self) throws -> Value {
        try JSONDecoder().decode(Value.self, from: Data(self.admin(target).body))
    }

    /// One request on a connection of its own, and its response.
    public func ask(
        _ target: String, method: String = "GET", fields: String = "", listener: String = "public"
    ) throws -> RawMessage {
        let connection = try self.connect(listener)
        try connection.send("\(method) \(target) HTTP/1.1\r\nHost: example.com\r\n\(fields)\r\n")
        return try connection.readResponse(toHead: method == "HEAD")
    }
}
