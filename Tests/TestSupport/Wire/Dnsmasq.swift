internal import Foundation

/// The DNS server dnsmasq, with names from a file.
public final class Dnsmasq: Sendable {
    private let folder: TemporaryFolder
    private let process: ChildProcess
    public let port: UInt16
    public var address: String { "127.0.0.1:\(self.port)" }

    /// Starts it and waits until it answers.
    ///
    /// - Parameters:
    ///   - hosts: Names and their addresses.
    ///   - port: nil for a free one.
    ///   - ttl: Of every answer, in seconds.
    public init(_ hosts: [String: [String]], port: UInt16? = nil, ttl: Int = 1) throws {
        let folder = try TemporaryFolder()
        self.folder = folder
        _ = try folder.write(Self.text(hosts), to: "hosts")
        self.port = try port ?? Self.freePort()
        self.process = try ChildProcess(
            "dnsmasq",
            [
                "--keep-in-foreground", "--conf-file=/dev/null", "--pid-file=", "--user=\(NSUserName())",
                "--port=\(self.port)", "--listen-address=127.0.0.1", "--bind-interfaces", "--no-resolv",
                "--no-hosts", "--addn-hosts=\(folder.file("hosts").path)", "--local-ttl=\(ttl)",
                "--local=/internal/",
            ], output: folder.file("log"))
        guard eventually({ self.process.state != nil || self.isListening }), self.process.state == nil else {
            throw WireError(.other, "dnsmasq did not start: \(folder.text(of: "log"))")
        }
    }

    deinit { self.stop() }

    public func stop() { self.process.stop() }

    /// Puts other names in the place of those it has.
    public func set(_ hosts: [String: [String]]) throws {
        _ = try self.folder.write(Self.text(hosts), to: "hosts")
        self.process.send(signal: SIGHUP)
    }

    private static func text(_ hosts: [String: [String]]) -> String {
        hosts.flatMap { name, addresses in addresses.map { "\($0) \(name)\n" } }.joined()
    }

    private static func freePort() throws -> UInt16 {
        let responder = try DNSResponder()
        defer { responder.stop() }
        return responder.port
    }

    /// It takes TCP connections when it takes questions.
    private var isListening: Bool { (try? RawSocket.connect(to: self.address)) != nil }
}
