import Foundation
import TestSupport
import Testing

/// The same scripts in Postern and in a real Envoy: client and service must see the same.
@Suite(.ownThread, .serialized) struct LuaConformanceTests {
    /// Both proxies, started once.
    private struct Pair: Sendable {
        let envoy: EnvoyProcess
        let postern: ProxyProcess
        let backends: (envoy: CaseBackend, postern: CaseBackend)
    }

    private static let pair = Result {
        let backends = (try CaseBackend(LuaCase.all), try CaseBackend(LuaCase.all))
        let folder = try TemporaryFolder()
        for one in LuaCase.all { _ = try folder.write(one.script, to: "\(one.name).lua") }
        return Pair(
            envoy: try EnvoyProcess(LuaCase.all, backend: backends.0.port),
            postern: try ProxyProcess(
                PosternConfiguration.yaml(LuaCase.all, backend: backends.1.address, folder: folder.url),
                folder: folder),
            backends: backends)
    }

    @Test("Every case can be read, and there are enough of them")
    func cases() throws {
        let files = try FileManager.default.contentsOfDirectory(atPath: LuaCase.folder.path)
        #expect(LuaCase.all.count == files.count)
        #expect(LuaCase.all.count >= 40)
    }

    @Test("Client and service see the same", arguments: LuaCase.all.filter { $0.differs == nil })
    func compare(one: LuaCase) throws {
        let (envoy, postern) = try Self.run(one)
        #expect(
            postern.client == envoy.client,
            "\(one.name), the client: Envoy\(envoy.client)\nPostern\(postern.client)")
        #expect(
            postern.service == envoy.service,
            "\(one.name), the service: Envoy\(envoy.service)\nPostern\(postern.service)")
    }

    @Test(
        "Where they do not, a decision says why, and it is still so",
        arguments: LuaCase.all.filter { $0.differs != nil })
    func differ(one: LuaCase) throws {
        let page = "docs/decisions/\(one.differs ?? "").md"
        let text = try String(
            contentsOf: Binaries.checkout.appendingPathComponent(page), encoding: .utf8)
        #expect(text.contains("`\(one.name).lua`"), "\(page) does not name the case")
        let (envoy, postern) = try Self.run(one)
        #expect(
            envoy.client != postern.client || envoy.service != postern.service,
            "both see the same now:\(envoy.client)\(envoy.service)")
    }

    /// What both sides of both proxies see.
    private static func run(_ one: LuaCase) throws -> (
        envoy: (client: Seen, service: Seen), postern: (client: Seen, service: Seen)
    ) {
        let pair = try Self.pair.get()
        let address = try #require(pair.postern.listeners["public"])
        return (
            try Self.run(one, pair.envoy.address, pair.backends.envoy),
            try Self.run(one, address, pair.backends.postern)
        )
    }

    private static func run(_ one: LuaCase, _ address: String, _ backend: CaseBackend) throws
        -> (client: Seen, service: Seen)
    {
        _ = backend.take(atLeast: 0)
        var client = Seen(), service = Seen()
        for request in one.requests {
            let connection = try RawConnection(to: address)
            try connection.send(request.request(to: one.name))
            client.add(try connection.readResponse(toHead: request.method == "HEAD"), of: one)
            connection.socket.close()
        }
        // Those that clients sent come besides.
        let messages = backend.take(atLeast: one.service_requests.map { $0 + one.requests.count } ?? 0)
        for message in messages.sorted(by: { $0.isAsynchronous && !$1.isAsynchronous }) {
            service.add(message, of: one)
        }
        return (client, service)
    }
}

extension RawMessage {
    /// Its place among the others is chance.
    fileprivate var isAsynchronous: Bool { self.target == "/service/audit" }
}
