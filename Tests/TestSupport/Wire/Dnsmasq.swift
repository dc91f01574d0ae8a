internal import Foundation

/// The DNS server dnsmasq, with names from a file.
public final class Dnsmasq: Sendable {
    private let folder: TemporaryFolder
    private let process: ChildProcess
    /// Of UDP and of TCP.
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
        // A free port may be taken by somebody else before dnsmasq has it.
        for _ in 0..<20 {
            let chosen = try port ?? Self.freePort()
            let process = try ChildProcess(
                "dnsmasq",
                [
                    "--keep-in-foreground", "--conf-file=/dev/null", "--pid-file=",
                    "--user=\(NSUserName())", "--port=\(chosen)", "--listen-address=127.0.0.1",
                    "--bind-interfaces", "--no-resolv", "--no-hosts",
                    "--addn-hosts=\(folder.file("hosts").path)", "--local-ttl=\(ttl)",
                    "--local=/internal/", "--log-facility=\(folder.file("log").path)",
                ], output: folder.file("output"))
            eventually { process.state != nil || folder.text(of: "log").contains("started") }
            guard process.state == nil else { continue }
            self.port = chosen
            self.process = process
            return
        }
        throw WireError(.other, "dnsmasq did not start: \(folder.text(of: "output"))")
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
}
