import Foundation
import TestSupport
import Testing

extension Scenarios {
    /// Clients and services that others wrote, each speaking either version.
    @Suite struct RealHTTP2Tests {
        private static let length = 3_000_000

        /// A service with a page `/page`, which sends uploads to `/echo` back.
        private struct Service {
            let address: String
            let page: [UInt8]
            private let process: ChildProcess?
            private let backend: RawBackend?
            private let folder: TemporaryFolder

            init(_ version: HTTPVersion) throws {
                self.folder = try TemporaryFolder()
                var pattern = Pattern(length: RealHTTP2Tests.length)
                var page: [UInt8] = []
                while !pattern.isComplete { page += pattern.next() }
                self.page = page
                if version == .http1 {
                    let backend = try RawBackend()
                    backend.on("/page") { [page] connection, _ in
                        try connection.send("HTTP/1.1 200 OK\r\nContent-Length: \(page.count)\r\n\r\n")
                        try connection.send(page)
                        return true
                    }
                    backend.on("/echo") { connection, head in
                        let request = try connection.finish(head)
                        try connection.send(
                            "HTTP/1.1 200 OK\r\nContent-Length: \(request.body.count)\r\n\r\n")
                        try connection.send(request.body)
                        return true
                    }
                    (self.backend, self.process, self.address) = (backend, nil, backend.address)
                } else {
                    try Data(page).write(to: self.folder.file("page"))
                    let port = try RawSocket.freePort()
                    let process = try ChildProcess(
                        "nghttpd",
                        [
                            "--no-tls", "--echo-upload", "-a", "127.0.0.1", "-d", self.folder.url.path,
                            "\(port)",
                        ],
                        output: self.folder.file("log"))
                    (self.backend, self.process, self.address) = (nil, process, "127.0.0.1:\(port)")
                    let address = self.address
                    #expect(eventually { (try? RawConnection(to: address)) != nil })
                }
            }

            func stop() { self.process?.stop() }
        }

        private static let pairs = HTTPVersion.allCases.flatMap { client in
            HTTPVersion.allCases.map { (client, $0) }
        }

        /// A gateway before a service that speaks `version`.
        private static func gateway(_ service: HTTPVersion, _ address: String) throws -> ProxyProcess {
            try ProxyProcess(
                """
                listeners: [{ name: public, address: "127.0.0.1:0" }]
                routes: [{ name: all, rules: [{ service: backend }] }]
                services: [{ name: backend, endpoints: ["\(address)"], protocol: \(service.rawValue) }]
                """)
        }

        @Test(
            "curl gets a page and has an upload sent back, whatever it and the service speak",
            arguments: pairs)
        func curl(client: HTTPVersion, service: HTTPVersion) throws {
            let peer = try Service(service)
            defer { peer.stop() }
            let proxy = try Self.gateway(service, peer.address)
            let url = "http://\(try #require(proxy.listeners["public"]))"
            let version = client == .http2 ? "--http2-prior-knowledge" : "--http1.1"
            let file = proxy.folder.file("got").path
            let upload = try proxy.folder.write("", to: "upload")
            try Data(peer.page).write(to: upload)
            for arguments in [
                ["\(url)/page"], ["--data-binary", "@\(upload.path)", "\(url)/echo"],
                ["-T", upload.path, "-X", "POST", "-H", "Content-Length:", "\(url)/echo"],
            ] {
                let said = try Tool.run(
                    "curl",
                    [version, "-sS", "-o", file, "-w", "%{http_code} %{http_version}", "--max-time", "60"]
                        + arguments)
                #expect(said == "200 \(client == .http2 ? "2" : "1.1")", "\(arguments)")
                #expect(try Data(contentsOf: URL(fileURLWithPath: file)) == Data(peer.page), "\(arguments)")
            }
            let entries = proxy.accessLog("/echo", count: 2)
            #expect(entries.map(\.bytes_received) == [Self.length, Self.length])
            #expect(entries.map(\.bytes_sent) == [Self.length, Self.length])
            #expect(entries.map(\.protocol).allSatisfy { $0 == (client == .http2 ? "HTTP/2" : "HTTP/1.1") })
            #expect(proxy.stop() == .exited(0))
        }

        @Test(
            "h2load meets no failure in thousands of requests, whatever it and the service speak",
            arguments: pairs)
        func load(client: HTTPVersion, service: HTTPVersion) throws {
            let peer = try Service(service)
            defer { peer.stop() }
            let proxy = try Self.gateway(service, peer.address)
            let url = "http://\(try #require(proxy.listeners["public"]))/nothing"
            let streams = client == .http2 ? ["-m", "50"] : ["--h1"]
            let said = try Tool.run("h2load", streams + ["-n", "3000", "-c", "6", url])
            #expect(said.contains("3000 total, 3000 started, 3000 done"))
            #expect(said.contains("0 errored, 0 timeout"))
            #expect(proxy.stop() == .exited(0))
        }

        @Test("nghttp gets a page, with the windows and the frames that it likes")
        func nghttp() throws {
            let peer = try Service(.http2)
            defer { peer.stop() }
            let proxy = try Self.gateway(.http2, peer.address)
            let url = "http://\(try #require(proxy.listeners["public"]))/page"
            for arguments in [
                [], ["-w", "16", "-W", "16"], ["-w", "30", "-W", "30"], ["--no-dep"], ["-p", "1"],
            ] {
                let said = try Tool.run("nghttp", arguments + ["-ns", url])
                #expect(said.contains(" 200 "), "\(arguments): \(said)")
                #expect(said.contains("2M ") || said.contains("\(Self.length)"), "\(said)")
            }
        }

        // MARK: WebSocket

        private static var python: String {
            Binaries.checkout.appending(path: ".build-venv/bin/python").path
        }
        private static var peers: String {
            Binaries.checkout.appending(path: "Tests/Scenarios/Fixtures/websocket_peers.py").path
        }

        @Test("A WebSocket goes from either version to either", arguments: pairs)
        func webSocket(client: HTTPVersion, service: HTTPVersion) throws {
            let folder = try TemporaryFolder()
            let server = try ChildProcess(
                Self.python, [Self.peers, "serve", service.rawValue, folder.file("port").path],
                output: folder.file("log"))
            defer { server.stop() }
            #expect(eventually { !folder.text(of: "port").isEmpty || server.state != nil })
            let proxy = try Self.gateway(service, "127.0.0.1:\(folder.text(of: "port"))")
            let address = try #require(proxy.listeners["public"])
            for _ in 0..<2 {
                let said = try Tool.run(Self.python, [Self.peers, "talk", client.rawValue, address])
                #expect(said.hasPrefix("8"), "\(said) \(folder.text(of: "log"))")
            }
            let entries = proxy.accessLog("/chat", count: 2)
            #expect(entries.map(\.response_code) == [101, 101])
            #expect(entries.map(\.protocol).allSatisfy { $0 == (client == .http2 ? "HTTP/2" : "HTTP/1.1") })
            #expect(proxy.stop() == .exited(0))
        }
    }
}
