import Foundation
import TestSupport
import Testing

extension Scenarios {
    /// What `make run` starts, at a loopback address of its own.
    @Suite(.enabled(if: Binaries.dist != nil, "dev/test names the release tree"))
    struct DemoTests {
        private let address =
            "127.\((1...250).map { UInt8($0) }.shuffled().prefix(3).map { "\($0)" }.joined(separator: "."))"

        private func ask(_ target: String, _ fields: String = "x-api-key: demo\r\n") throws -> RawMessage {
            let connection = try RawConnection(to: "\(self.address):8080")
            try connection.send("GET \(target) HTTP/1.1\r\nHost: shop\r\n\(fields)\r\n")
            return try connection.readResponse()
        }

        /// As ``ask(_:_:)``, once the limit lets it pass and the answer is the one wanted.
        private func eventuallyAnswers(_ target: String, _ text: String) -> Bool {
            eventually { (try? self.ask(target).text) == text }
        }

        @Test("It answers as its own text says, takes edits while it runs, and leaves nothing behind")
        func demo() throws {
            let dist = try #require(Binaries.dist)
            let folder = try TemporaryFolder()
            let script = Binaries.checkout.appendingPathComponent("dev/demo").path
            let demo = try ChildProcess(
                script, [dist.path, self.address], output: folder.file("output"),
                environment: ["TMPDIR": folder.url.path])
            defer { demo.stop() }
            #expect(
                eventually { demo.state != nil || folder.text(of: "output").contains("Ctrl-C ends it") })
            let names = try FileManager.default.contentsOfDirectory(atPath: folder.url.path)
            let place = folder.file(try #require(names.first { $0.hasPrefix("postern-demo.") }))
            #expect(folder.text(of: "output").contains("  \(place.path)/policies/greeting.lua\n"))

            let passed = try self.ask("/reviews/1")
            #expect(passed.status == 200)
            #expect(passed.text.contains(": /reviews/1, policy greeting, consumer demo"))
            #expect(passed["x-gateway"] == "postern")
            #expect(passed["ratelimit-limit"] == "20")
            #expect(try self.ask("/reviews/1", "").status == 401)
            #expect(try self.ask("/hello").text == "hello from Lua\n")
            #expect(try self.ask("/robots.txt").text == "User-agent: *\n")
            #expect(try self.ask("/old/1")["location"]?.hasSuffix("/reviews/1") == true)

            try self.expectLimit()
            try self.edit(place.appendingPathComponent("policies/greeting.lua"), "hello from Lua", "edited")
            #expect(self.eventuallyAnswers("/hello", "edited\n"))
            try self.edit(place.appendingPathComponent("postern.yaml"), "User-agent: *", "Disallow: /")
            #expect(self.eventuallyAnswers("/robots.txt", "Disallow: /\n"))
            try self.edit(place.appendingPathComponent("policies/greeting.lua"), "function", "funktion")
            #expect(eventually { folder.text(of: "output").contains("greeting.lua:2: ") })
            #expect(self.eventuallyAnswers("/hello", "edited\n"))

            let admin = try RawConnection(to: "\(self.address):9901")
            try admin.send("GET /stats/prometheus HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try admin.readResponse().text.contains("istio_requests_total{"))

            #expect(demo.stop() == .exited(0))
            #expect(!FileManager.default.fileExists(atPath: place.path))
            for port in [8080, 9001, 9002, 9901] {
                #expect(throws: WireError.self) { try RawConnection(to: "\(self.address):\(port)") }
            }
        }

        /// Twenty requests a second pass: of a thousand that are sent at once, not all.
        private func expectLimit() throws {
            let client = try RawConnection(to: "\(self.address):8080")
            let request = "GET /hello HTTP/1.1\r\nHost: shop\r\nx-api-key: demo\r\n\r\n"
            try client.send(String(repeating: request, count: 1000))
            let responses = try (1...1000).map { _ in try client.readResponse() }
            let refused = try #require(responses.first { $0.status == 429 })
            #expect(refused["retry-after"] == "1")
        }

        private func edit(_ file: URL, _ old: String, _ new: String) throws {
            let text = try String(contentsOf: file, encoding: .utf8)
            #expect(text.contains(old))
            try text.replacing(old, with: new).write(to: file, atomically: true, encoding: .utf8)
        }
    }
}
