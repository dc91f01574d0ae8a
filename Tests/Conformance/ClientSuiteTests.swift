import Foundation
import TestSupport
import Testing

/// What is written in Python, with the clients and servers that others use: the quick part of it, through the
/// gateway. Its READMEs say how to run all, and through other gateways.
@Suite(.ownThread, .serialized) struct ClientSuiteTests {
    @Test("WebSockets, event streams and long polls pass, without TLS and with it")
    func webSocket() throws { try Self.run("websocket") }

    @Test("Autobahn's cases of frames, fragments and closing go as without a gateway")
    func autobahn() throws {
        try Self.run("websocket", ["--autobahn", "1.1.*,2.*,5.*,7.*"], through: "direct,postern")
    }

    @Test("gRPC's own clients and servers understand each other through the gateway")
    func grpc() throws { try Self.run("grpc") }

    @Test("Random expressions have the values that CEL's C++ implementation gives them")
    func expressions() throws {
        let program = Binaries.checkout.appendingPathComponent("Tests/Conformance/cel/run").path
        let arguments = ["--binary", Binaries.program("postern"), "--count", "3000"]
        let command = try Command(program, arguments, within: 300)
        #expect(command.ending == .exited(0), "\(command.output)")
        #expect(command.output.contains("of 3000 expressions agree"))
    }

    @Test("Chromium, httpx, curl, nghttp and h2load get on with the gateway over HTTPS")
    func clients() throws { try Self.run("clients", through: nil) }

    @Test("No call of gRPC, WebSocket, PostgreSQL or Redis fails while configuration and certificates change")
    func changes() throws {
        try Self.run("changes", ["--calls", ProxyProcess.isRelease ? "1000" : "400"], through: nil)
    }

    private static func run(
        _ suite: String, _ arguments: [String] = [], through: String? = "postern"
    ) throws {
        let program = Binaries.checkout.appendingPathComponent("Tests/Conformance/\(suite)/run").path
        let place = Binaries.dist.map { ["--dist", $0.path] } ?? ["--build", Binaries.testFolder]
        let through = through.map { ["--through", $0] } ?? []
        let command = try Command(program, through + place + arguments, within: 300)
        let lines = command.output.split(separator: "\n")
        let failures = lines.filter { $0.contains("FAILED") || $0.hasPrefix("failed: ") }
        #expect(command.ending == .exited(0), "\(failures.joined(separator: "\n"))\n\(lines.suffix(5))")
        #expect(lines.last?.hasSuffix(" passed, 0 failed") == true)
    }
}
