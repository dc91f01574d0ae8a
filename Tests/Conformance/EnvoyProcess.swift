import Foundation
import TestSupport

/// A real Envoy with every case's script on a route of its own.
final class EnvoyProcess: Sendable {
    private let process: ChildProcess
    private let folder: TemporaryFolder
    /// Where clients connect.
    let address: String

    /// The binary that `dev/bootstrap --test` installs.
    private static func binary() throws -> String {
        let libraries = Binaries.checkout.appendingPathComponent(".build-venv/lib")
        let versions = (try? FileManager.default.contentsOfDirectory(atPath: libraries.path)) ?? []
        for version in versions {
            let path = libraries.appendingPathComponent("\(version)/site-packages/envoy/_bin/envoy").path
            if FileManager.default.isExecutableFile(atPath: path) { return path }
        }
        throw WireError(.other, "there is no Envoy in .build-venv: run dev/bootstrap --test")
    }

    init(_ cases: [LuaCase], backend: Int, ipv4 host: String = "127.0.0.1") throws {
        let folder = try TemporaryFolder()
        self.folder = folder
        let configuration = EnvoyConfiguration.json(cases, backend: backend)
        let file = try folder.write(configuration, to: "envoy.json")
        let process = try ChildProcess(
            try Self.binary(),
            [
                "-c", file.path, "--disable-hot-restart", "--concurrency", "1", "--log-level", "warning",
                "--admin-address-path", folder.file("admin").path, "--use-dynamic-base-id",
            ],
            output: folder.file("log")
        )
        self.process = process
        eventually { process.state != nil || !folder.text(of: "admin").isEmpty }
        let admin = folder.text(of: "admin").trimmingCharacters(in: .whitespacesAndNewlines)
        let isReady = eventually {
            process.state != nil || (try? Self.get(admin, "/ready").status) == 200
        }
        guard process.state == nil, isReady else {
            process.stop()
            throw WireError(.other, "Envoy did not start: \(folder.text(of: "log"))")
        }
        let listeners = try Self.get(admin, "/listeners").text
        self.address =
            listeners.split(separator: "\n").compactMap { line in
                line.hasPrefix("public::") ? String(line.dropFirst("public::".count)) : nil
            }.first ?? ""
    }

    deinit { self.process.stop() }

    var log: String { self.folder.text(of: "log") }

    private static func get(_ address: String, _ target: String) throws -> RawMessage {
        let connection = try RawConnection(to: address)
        try connection.send("GET \(target) HTTP/1.1\r\nHost: admin\r\nConnection: close\r\n\r\n")
        return try connection.readResponse()
    }
}
