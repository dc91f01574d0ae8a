import Foundation
import TestSupport
import Testing

extension Scenarios {
    /// The access log as an operator meets it: its file, its lines, and what happens when it cannot be
    /// written.
    @Suite struct AccessLogFileTests {
        private static func configuration(_ log: String) -> String {
            """
            accessLog: \(log)
            listeners: [{ name: public, address: "127.0.0.1:0" }]
            routes: [{ name: all, rules: [{ directResponse: { body: direct } }] }]
            """
        }

        /// A path that `configuration` can name, in a folder of its own.
        private func start(_ format: String, to name: String = "log.txt") throws -> ProxyProcess {
            let folder = try TemporaryFolder()
            return try ProxyProcess(
                Self.configuration("{ format: \(format), path: \(name) }"), folder: folder)
        }

        private func lines(_ proxy: ProxyProcess, of name: String = "log.txt", count: Int) -> [Substring] {
            var lines: [Substring] = []
            eventually {
                lines = proxy.folder.text(of: name).split(separator: "\n")
                return lines.count >= count
            }
            return lines
        }

        @Test("A line in JSON has every field, and Envoy's flag where something went wrong")
        func json() throws {
            let backend = try RawBackend()
            let proxy = try ProxyProcess(
                """
                listeners: [{ name: public, address: "127.0.0.1:0" }]
                routes:
                  - name: shop
                    hosts: [example.com]
                    rules:
                      - { match: { path: { prefix: /dead } }, service: dead }
                      - { match: { path: { prefix: /late } }, service: reviews, timeout: 1ms }
                      - service: reviews
                services:
                  - { name: reviews, endpoints: ["\(backend.address)"] }
                  - { name: dead, endpoints: ["127.0.0.1:1"] }
                """)
            let gate = Gate()
            backend.on("/late") { _, _ in
                try gate.wait()
                return false
            }
            backend.on("/broken", answer: "HTTP/1.1 banana\r\n\r\n")
            backend.on("/gone", answer: "", thenClose: true)
            for path in ["/dead", "/late", "/broken", "/gone"] { _ = try proxy.ask(path) }
            gate.open()
            let client = try proxy.connect()
            try client.send(
                "POST /ok?page=2 HTTP/1.1\r\nHost: example.com\r\nUser-Agent: test/1\r\n"
                    + "X-Request-Id: id-1\r\nContent-Length: 3\r\n\r\nabc")
            #expect(try client.readResponse().status == 200)
            try client.send("GET /elsewhere HTTP/1.1\r\nHost: elsewhere.com\r\n\r\n")
            #expect(try client.readResponse().status == 404)
            try client.send("GET /bad HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n")
            #expect(try client.readResponse().status == 400)

            let entry = try #require(proxy.accessLog("/ok?page=2").first)
            #expect(entry.method == "POST")
            #expect(entry.protocol == "HTTP/1.1")
            #expect(entry.response_code == 200)
            #expect(entry.response_flags == "-")
            #expect(entry.response_code_details == "via_upstream")
            #expect(entry.bytes_received == 3)
            #expect(entry.bytes_sent == 7)
            #expect(entry.upstream_request_attempt_count == 1)
            #expect(entry.x_forwarded_for == "127.0.0.1")
            #expect(entry.user_agent == "test/1")
            #expect(entry.request_id == "id-1")
            #expect(entry.authority == "example.com")
            #expect(entry.upstream_host == backend.address)
            #expect(entry.upstream_cluster == "reviews")
            #expect(entry.downstream_local_address == proxy.listeners["public"])
            #expect(entry.downstream_remote_address?.hasPrefix("127.0.0.1:") == true)
            #expect(entry.route_name == "shop")
            #expect(entry.listener_name == "public")

            let flags = [
                ("/dead", 503, "UF"), ("/late", 504, "UT"), ("/broken", 502, "UPE"), ("/gone", 502, "UC"),
                ("/elsewhere", 404, "NR"),
            ]
            for (path, status, flag) in flags {
                let entry = try #require(proxy.accessLog(path).first, "\(path)")
                #expect(entry.response_code == status, "\(path)")
                #expect(entry.response_flags == flag, "\(path)")
            }
            #expect(eventually { proxy.folder.text(of: "access.log").contains("\"response_flags\":\"DPE\"") })
        }

        @Test("A line of text has Envoy's default format, and no client can break out of it")
        func text() throws {
            let proxy = try self.start("text")
            _ = try proxy.ask("/a?b=\"c", fields: "User-Agent: say \"hi\"\\\r\n")
            let line = try #require(self.lines(proxy, count: 1).first)
            let expected = [
                #/\[\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z\] "GET \/a\?b=\\"c HTTP\/1\.1" 200 - 0 6 \d+ - /#,
                #/"127\.0\.0\.1" "say \\"hi\\"\\\\" "[0-9a-f-]{36}" "example\.com" "-"/#,
            ]
            let parts = expected.map { line.firstMatch(of: $0)?.0 }
            #expect(parts.compactMap { $0 }.joined() == line, "\(line)")
        }

        @Test("SIGUSR1 opens the file again after it was moved away, and no line is lost")
        func reopen() throws {
            let proxy = try self.start("text")
            for _ in 1...20 { _ = try proxy.ask("/before") }
            #expect(self.lines(proxy, count: 20).count == 20)
            try FileManager.default.moveItem(
                at: proxy.folder.file("log.txt"), to: proxy.folder.file("log.1"))
            proxy.send(signal: SIGUSR1)
            eventually { FileManager.default.fileExists(atPath: proxy.folder.file("log.txt").path) }
            for _ in 1...20 { _ = try proxy.ask("/after") }
            #expect(self.lines(proxy, count: 20).filter { $0.contains("/after") }.count == 20)
            #expect(self.lines(proxy, of: "log.1", count: 20).count == 20)
        }

        @Test("off writes nothing, and a reload changes format and place")
        func changes() throws {
            let folder = try TemporaryFolder()
            let proxy = try ProxyProcess(Self.configuration("{ format: off }"), folder: folder)
            _ = try proxy.ask("/off")
            #expect(
                try proxy.reload {
                    try proxy.configure(Self.configuration("{ format: text, path: one.log }"))
                })
            _ = try proxy.ask("/one")
            #expect(self.lines(proxy, of: "one.log", count: 1).first?.contains("GET /one ") == true)
            #expect(
                try proxy.reload {
                    try proxy.configure(Self.configuration("{ format: json, path: two.log }"))
                })
            _ = try proxy.ask("/two")
            #expect(self.lines(proxy, of: "two.log", count: 1).first?.contains("\"path\":\"/two\"") == true)
            #expect(try proxy.reload { try proxy.configure(Self.configuration("{ format: off }")) })
            _ = try proxy.ask("/off")
            #expect(proxy.stop() == .exited(0))
            let all = ["one.log", "two.log", "log"].map { folder.text(of: $0) }.joined()
            #expect(!all.contains("/off"))
            #expect(folder.text(of: "one.log").split(separator: "\n").count == 1)
        }

        @Test("A reader that does not read, and one that is gone, stop no request; what is lost is counted")
        func slowAndDead() throws {
            let folder = try TemporaryFolder()
            let path = folder.file("pipe").path
            #expect(mkfifo(path, 0o600) == 0)
            // Opened without waiting, so that the gateway finds a reader.
            let reader = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
            let proxy = try ProxyProcess(
                Self.configuration("{ format: json, path: pipe }"), folder: folder)
            let client = try proxy.connect()
            // More than pipe and queue hold.
            let fields = "X-Forwarded-For: \(String(repeating: "x", count: 8000))\r\n"
            for _ in 1...60 {
                for _ in 1...50 {
                    try client.send("GET / HTTP/1.1\r\nHost: a\r\n\(fields)\r\n")
                }
                for _ in 1...50 { #expect(try client.readResponse().status == 200) }
                client.forgetReceived()
            }
            #expect(try proxy.sum("istio_requests_total", [:]) == 3000)
            let log = ["handler": "accesslog"]
            #expect(try eventually { try proxy.sum("postern_mixer_records_lost_total", log) > 0 })

            close(reader)
            #expect(eventually(within: 60) { proxy.log.contains("handler fails") }, "\(proxy.log)")
            #expect(try proxy.ask("/").status == 200)
            #expect(proxy.stop() == .exited(0))
        }

        @Test("A log that cannot be opened refuses the configuration")
        func unopenable() throws {
            let proxy = try self.start("text")
            let bad = Self.configuration("{ path: \"\(proxy.folder.url.path)/missing/log\" }")
            #expect(try !proxy.reload { try proxy.configure(bad) })
            #expect(proxy.log.contains("No such file or directory"))
            _ = try proxy.ask("/still")
            #expect(self.lines(proxy, count: 1).first?.contains("GET /still ") == true)
        }
    }
}
