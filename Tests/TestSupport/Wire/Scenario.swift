internal import Foundation
public import Testing

/// The gateway of one suite, with its backends.
///
/// A suite asks for it with the trait ``Testing/Trait/scenario(_:backends:workers:)``; it is started before
/// the suite's first test and ended after its last, and must then have been alive all the time.
public final class Scenario: Sendable {
    public let proxy: ProxyProcess
    private let backends: [String: RawBackend]
    private let deadEnds: [DeadEnd]
    public let folder: TemporaryFolder
    /// What ``ask(_:method:host:fields:body:listener:)`` speaks.
    public let version: HTTPVersion

    @TaskLocal static var present: Scenario?

    /// The scenario of the suite that is running.
    public static var current: Scenario {
        get throws { try #require(Self.present, "the suite has no .scenario trait") }
    }

    /// - Parameters:
    ///   - names: Backends to be started; `{name}` in the configuration becomes their address. A name that
    ///     ends in `-unix` or `-ipv6` says where it listens; nobody does at one that ends in `-refusing` or
    ///     `-silent`.
    ///   - configuration: As ``ProxyProcess/init(_:workers:folder:logLevel:)`` takes it; `{folder}` becomes
    ///     its folder.
    ///   - files: Put into the folder before the gateway starts, by name.
    init(
        _ names: [String], workers: Int, _ configuration: String, files: [String: String] = [:],
        version: HTTPVersion = .http1
    ) throws {
        let folder = try TemporaryFolder()
        for (name, text) in files { _ = try folder.write(text, to: name) }
        var text = configuration.replacing("{folder}", with: folder.url.path)
        var backends: [String: RawBackend] = [:]
        var deadEnds: [DeadEnd] = []
        for name in names {
            if name.hasSuffix("-refusing") || name.hasSuffix("-silent") {
                let end = try name.hasSuffix("-silent") ? DeadEnd.silent() : DeadEnd.refusing()
                deadEnds.append(end)
                text = text.replacing("{\(name)}", with: "\"\(end.address)\"")
                continue
            }
            let address =
                name.hasSuffix("-unix")
                ? "unix:\(folder.file(name).path)" : name.hasSuffix("-ipv6") ? "[::1]:0" : "127.0.0.1:0"
            // A small buffer, so that a backend that does not read stops its writer soon.
            let backend = try RawBackend(
                name, at: address, receiveBuffer: name.hasSuffix("-slow") ? 64 << 10 : nil)
            backends[name] = backend
            text = text.replacing("{\(name)}", with: "\"\(backend.address)\"")
        }
        self.folder = folder
        self.version = version
        self.backends = backends
        self.deadEnds = deadEnds
        self.proxy = try ProxyProcess(text, workers: workers, folder: folder)
    }

    public func backend(_ name: String = "backend") throws -> RawBackend {
        try #require(self.backends[name], "there is no backend '\(name)'")
    }

    /// One request on a connection of its own, and its response.
    public func ask(
        _ target: String, method: String = "GET", host: String = "example.com", fields: String = "",
        body: String = "", listener: String = "public"
    ) throws -> RawMessage {
        let connection = try self.proxy.connect(listener)
        if self.version == .http2 {
            return try RawHTTP2(connection).ask(target, method, host: host, lines: fields, body: body)
        }
        let length = body.isEmpty ? "" : "Content-Length: \(body.utf8.count)\r\n"
        try connection.send(
            "\(method) \(target) HTTP/1.1\r\nHost: \(host)\r\n\(fields)\(length)\r\n\(body)")
        return try connection.readResponse(toHead: method == "HEAD")
    }
}

/// Starts and ends a suite's ``Scenario``.
public struct ScenarioTrait: SuiteTrait, TestScoping {
    let backends: [String]
    let workers: Int
    let configuration: String
    let files: [String: String]
    let versions: [HTTPVersion]

    public func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
    ) async throws {
        for version in self.versions { try await self.run(version, function) }
    }

    private func run(_ version: HTTPVersion, _ function: @Sendable () async throws -> Void) async throws {
        let scenario = try await onOwnThread {
            try Scenario(
                self.backends, workers: self.workers, self.configuration, files: self.files, version: version)
        }
        try await Scenario.$present.withValue(scenario) { try await function() }
        await onOwnThread {
            let log = scenario.proxy.log
            #expect(scenario.proxy.isRunning, "postern-proxy has ended by itself: \(log)")
            #expect(scenario.proxy.stop() == .exited(0), "postern-proxy ended badly: \(scenario.proxy.log)")
        }
    }
}

extension Trait where Self == ScenarioTrait {
    /// A gateway, and the backends it needs, for this suite.
    ///
    /// - Parameter versions: The suite is run once for each, with what
    ///   ``Scenario/ask(_:method:host:fields:body:listener:)`` asks in it.
    public static func scenario(
        _ configuration: String, backends: [String] = ["backend"], workers: Int = 1,
        files: [String: String] = [:], versions: [HTTPVersion] = [.http1]
    ) -> Self {
        Self(
            backends: backends, workers: workers, configuration: configuration, files: files,
            versions: versions)
    }

    /// One listener, `public`, one service, `backend`, and a route with these rules; what none of them takes
    /// goes to the service.
    public static func scenario(rules: String) -> Self {
        let lines = rules.split(separator: "\n").map { "      \($0)" } + ["      - service: backend"]
        return .scenario(
            """
            listeners:
              - { name: public, address: "127.0.0.1:0" }
            routes:
              - name: all
                rules:
            \(lines.joined(separator: "\n"))
            services:
              - { name: backend, endpoints: [{backend}] }
            """)
    }
}
