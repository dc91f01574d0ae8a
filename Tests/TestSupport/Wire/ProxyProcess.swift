internal import Foundation

/// The real `postern-proxy` on free ports, with a configuration in a temporary folder.
///
/// `POSTERN_PROXY` names the binary; by default it is that of ``Binaries``.
public final class ProxyProcess: Sendable {
    public let folder: TemporaryFolder
    private let process: ChildProcess
    let workers: Int
    /// `127.0.0.1:port` of the admin endpoint.
    public let admin: String
    /// Where the listeners of the configuration listen, by name.
    public let listeners: [String: String]

    /// Starts it and waits until it is ready.
    ///
    /// - Parameters:
    ///   - configuration: YAML; `version`, `admin`, `workers`, `plugins` and `accessLog` are added when they
    ///     are not there. Listeners ask for port 0, each at a loopback address of its own (127.0.0.1,
    ///     127.0.0.2, …).
    ///   - environment: Added to this process's own.
    ///   - folder: Where the configuration is put, when it names files beside it.
    public init(
        _ configuration: String, workers: Int = 1, folder: TemporaryFolder? = nil, logLevel: String = "info",
        environment: [String: String] = [:]
    ) throws {
        let folder = try folder ?? TemporaryFolder()
        self.folder = folder
        self.workers = workers
        let file = try folder.write(Self.whole(configuration, workers, folder), to: "postern.yaml")
        let process = try ChildProcess(
            Self.binary,
            [
                "-c", file.path, "--log-level", logLevel, "--admin-address-path", folder.file("admin").path,
            ],
            output: folder.file("log"), environment: environment
        )
        self.process = process
        eventually { process.state != nil || !folder.text(of: "admin").isEmpty }
        self.admin = folder.text(of: "admin").trimmingCharacters(in: .whitespacesAndNewlines)
        let admin = self.admin
        let isReady = eventually {
            process.state != nil || (try? Self.get(admin, "/ready").status) == 200
        }
        guard process.state == nil, isReady else {
            process.stop()
            throw WireError(.other, "postern-proxy did not start: \(folder.text(of: "log"))")
        }
        self.listeners = try Self.listeners(admin)
        // The control thread knows the addresses before the workers listen at them.
        for address in self.listeners.values {
            eventually { (try? RawSocket.connect(to: address)) != nil }
        }
    }

    private struct Listener: Decodable {
        let name: String
        let address: String
    }

    private static func listeners(_ admin: String) throws -> [String: String] {
        let list = try JSONDecoder().decode(
            [Listener].self, from: Data(Self.get(admin, "/listeners?format=json").body))
        return Dictionary(uniqueKeysWithValues: list.map { ($0.name, $0.address) })
    }

    /// As ``listeners``, but of the configuration that is in force now.
    public func currentListeners() throws -> [String: String] { try Self.listeners(self.admin) }

    deinit { self.process.stop() }

    /// The binary's path.
    static var binary: String {
        ProcessInfo.processInfo.environment["POSTERN_PROXY"] ?? Binaries.program("postern-proxy")
    }

    /// Whether the binary is one that runs at full speed.
    public static var isRelease: Bool {
        Binaries.dist != nil || ProcessInfo.processInfo.environment["POSTERN_PROXY"] != nil
    }

    public var pid: Int32 { self.process.pid }
    /// Whether it has neither crashed nor ended.
    public var isRunning: Bool { self.process.state == nil }
    /// What it has logged.
    public var log: String { self.folder.text(of: "log") }

    /// Asks it to end; how it did.
    public func stop() -> ChildProcess.Ending? { self.process.stop() }
    public func send(signal: Int32) { self.process.send(signal: signal) }

    /// Connects to a listener.
    public func connect(_ listener: String = "public", receiveBuffer: Int32? = nil) throws -> RawConnection {
        guard let address = self.listeners[listener] else {
            throw WireError(.other, "there is no listener '\(listener)'")
        }
        return try RawConnection(to: address, receiveBuffer: receiveBuffer)
    }

    /// One request of the admin endpoint.
    public func admin(_ target: String, method: String = "GET") throws -> RawMessage {
        try Self.get(self.admin, target, method: method)
    }

    private static func get(_ address: String, _ target: String, method: String = "GET") throws -> RawMessage
    {
        let connection = try RawConnection(to: address)
        try connection.send(
            "\(method) \(target) HTTP/1.1\r\nHost: admin\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")
        return try connection.readResponse()
    }

    /// The entries of the access log whose path is `path`, once there are `count`.
    public func accessLog(_ path: String, count: Int = 1) -> [AccessLogEntry] {
        var found: [AccessLogEntry] = []
        eventually {
            found = self.logged(path)
            return found.count >= count
        }
        return found
    }

    /// The last entry of the access log, once there is one whose details are `details`.
    public func accessLog(details: String) -> AccessLogEntry? {
        var found: AccessLogEntry?
        eventually {
            found = self.logged().last { $0.response_code_details == details }
            return found != nil
        }
        return found
    }

    /// The last entry of the access log for which `condition` holds, once there is one.
    public func accessLog(where condition: (AccessLogEntry) -> Bool) -> AccessLogEntry? {
        var found: AccessLogEntry?
        eventually {
            found = self.logged().last(where: condition)
            return found != nil
        }
        return found
    }

    /// Whether there is an entry for `path` by now.
    public func hasLogged(_ path: String) -> Bool { !self.logged(path).isEmpty }

    private func logged(_ path: String) -> [AccessLogEntry] { self.logged().filter { $0.path == path } }

    private func logged() -> [AccessLogEntry] {
        let lines = self.folder.text(of: "access.log").split(separator: "\n")
        return lines.compactMap { try? JSONDecoder().decode(AccessLogEntry.self, from: Data($0.utf8)) }
    }

    /// Kibibytes of memory in use (`VmRSS`).
    public var residentKibibytes: Int { self.memory("VmRSS:") }
    /// The most that has been in use (`VmHWM`) since the start, or since ``forgetPeak()``.
    public var peakResidentKibibytes: Int { self.memory("VmHWM:") }

    /// What was in use until now, while plugins were loaded for example, counts no more (proc(5),
    /// clear_refs).
    public func forgetPeak() throws {
        try "5".write(toFile: "/proc/\(self.pid)/clear_refs", atomically: false, encoding: .utf8)
    }

    private func memory(_ name: String) -> Int {
        let text = (try? String(contentsOfFile: "/proc/\(self.pid)/status", encoding: .utf8)) ?? ""
        let line = text.split(separator: "\n").first { $0.hasPrefix(name) } ?? ""
        return line.split(separator: " ").compactMap { Int($0) }.first ?? 0
    }
}
