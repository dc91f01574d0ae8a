import Foundation
import TestSupport
import Testing

extension Scenarios {
    /// Handlers, instances and rules in a real gateway, with the adapters that come with it.
    @Suite struct MixerTests {
        private static func configuration(_ mixer: String) -> String {
            """
            listeners: [{ name: public, address: "127.0.0.1:0" }]
            routes:
              - { name: known, rules: [{ match: { path: { prefix: / } }, directResponse: { body: hello } }] }
            mixer:
            \(mixer.split(separator: "\n").map { "  \($0)" }.joined(separator: "\n"))
            """
        }

        private static let lines = """
            instances:
              - name: line
                template: logentry
                params: { variables: { path: request.path, code: response.code } }
            rules: [{ actions: [{ handler: access, instances: [line] }] }]
            """

        private func paths(in folder: TemporaryFolder, _ file: String) -> [String] {
            folder.text(of: file).split(separator: "\n").compactMap {
                let object = try? JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any]
                return object?["path"] as? String
            }
        }

        @Test("A handler that denies does so where its rule matches, and the reason is in log and metrics")
        func denies() throws {
            let proxy = try ProxyProcess(
                Self.configuration(
                    """
                    handlers: [{ name: closed, adapter: denier, config: { code: notFound, message: gone } }]
                    instances: [{ name: anything, template: checknothing }]
                    rules:
                      - match: request.path.startsWith("/secret")
                        actions: [{ handler: closed, instances: [anything] }]
                    """))
            #expect(try proxy.ask("/open").text == "hello")
            let denied = try proxy.ask("/secret/a")
            #expect(denied.status == 404)
            #expect(denied.text == "gone")
            try eventually { try proxy.sum("istio_requests_total", ["response_flags": "UAEX"]) == 1 }
            #expect(proxy.accessLog(details: "mixer_check_denied") != nil)
            proxy.send(signal: SIGTERM)
            #expect(eventually { !proxy.isRunning })
            #expect(!proxy.log.contains("handler fails"), "\(proxy.log)")
        }

        @Test("A quota is kept to, over all workers, and dimensions have quotas of their own")
        func quotas() throws {
            let proxy = try ProxyProcess(
                Self.configuration(
                    """
                    handlers:
                      - name: amounts
                        adapter: memquota
                        config: { quotas: [{ name: hits, max: 3, per: 10m }] }
                    instances:
                      - { name: hits, template: quota, params: { dimensions: { path: request.url_path } } }
                    rules: [{ actions: [{ handler: amounts, instances: [hits] }] }]
                    """), workers: 2)
            let statuses = try (1...8).map { _ in try proxy.ask("/a").status }
            #expect(statuses.filter { $0 == 200 }.count == 3)
            #expect(statuses.filter { $0 == 429 }.count == 5)
            #expect(try proxy.ask("/b").status == 200)
        }

        @Test("Every request's record reaches its file, in order, across reloads")
        func reports() throws {
            let folder = try TemporaryFolder()
            let handler = """
                handlers:
                  - name: access
                    adapter: file
                    batch: { interval: 20ms }
                    config: { path: "\(folder.file("records.log").path)" }

                """
            let configuration = Self.configuration(handler + Self.lines)
            let proxy = try ProxyProcess(configuration, folder: folder)
            var sent: [String] = []
            for round in 1...5 {
                for number in 1...20 {
                    sent.append("/\(round)/\(number)")
                    #expect(try proxy.ask("/\(round)/\(number)").status == 200)
                }
                proxy.send(signal: SIGHUP)
            }
            let wanted = sent
            #expect(
                eventually(within: 60) { self.paths(in: folder, "records.log").count >= wanted.count },
                "\(proxy.log)")
            #expect(self.paths(in: folder, "records.log") == wanted)
            #expect(try proxy.sum("postern_mixer_records_lost_total", [:]) == 0)
        }

        @Test("What reached a spool is delivered after kill -9, while the backend was away all the time")
        func spool() throws {
            let folder = try TemporaryFolder()
            // The file cannot be made before its folder is there.
            let handler = """
                handlers:
                  - name: access
                    adapter: file
                    onFull: spool
                    spool: { path: "\(folder.file("spool").path)" }
                    retry: { initial: 10ms, limit: 50ms }
                    batch: { interval: 20ms }
                    config: { path: "\(folder.file("later/access.log").path)" }

                """
            let configuration = Self.configuration(handler + Self.lines)
            var sent: [String] = []
            do {
                let proxy = try ProxyProcess(configuration, folder: folder)
                for number in 1...50 {
                    sent.append("/\(number)")
                    #expect(try proxy.ask("/\(number)").status == 200)
                }
                let queued = try eventually {
                    try proxy.sum("postern_mixer_queue_records", ["handler": "access"]) == 50
                }
                #expect(queued, "\(proxy.log)")
                let isFailing = try eventually {
                    try proxy.admin("/handlers").text.contains("access::state::failing")
                }
                #expect(isFailing)
                proxy.send(signal: SIGKILL)
                #expect(eventually { !proxy.isRunning })
            }
            try FileManager.default.createDirectory(
                at: folder.file("later"), withIntermediateDirectories: false)
            let proxy = try ProxyProcess(configuration)
            let wanted = sent
            #expect(eventually { self.paths(in: folder, "later/access.log") == wanted }, "\(proxy.log)")
        }

        @Test("Spans join the client's trace, and the service is told ours")
        func spans() throws {
            let folder = try TemporaryFolder()
            let backend = try RawBackend()
            let seen = TraceParents()
            backend.on("/traced") { connection, head in
                seen.add(head["traceparent"] ?? "")
                try connection.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
                return true
            }
            let proxy = try ProxyProcess(
                """
                listeners: [{ name: public, address: "127.0.0.1:0" }]
                routes: [{ name: all, rules: [{ service: reviews }] }]
                services: [{ name: reviews, endpoints: ["\(backend.address)"] }]
                mixer:
                  handlers:
                    - name: zipkin
                      adapter: zipkin
                      config: { endpoint: "http://127.0.0.1:1/api/v2/spans" }
                  instances: [{ name: span, template: tracespan }]
                  rules: [{ actions: [{ handler: zipkin, instances: [span] }] }]
                """, folder: folder)
            let client = try proxy.connect()
            let trace = "4bf92f3577b34da6a3ce929d0e0e4736"
            try client.send(
                "GET /traced HTTP/1.1\r\nHost: a\r\ntraceparent: 00-\(trace)-00f067aa0ba902b7-01\r\n\r\n")
            _ = try client.readResponse()
            let told = try #require(seen.values.first)
            #expect(told.hasPrefix("00-\(trace)-"))
            #expect(told.hasSuffix("-01"))
            #expect(!told.contains("00f067aa0ba902b7"))
            try client.send("GET /traced HTTP/1.1\r\nHost: a\r\n\r\n")
            _ = try client.readResponse()
            #expect(seen.values.last?.count == 55)
        }
    }
}

/// What a backend has seen.
private final class TraceParents: @unchecked Sendable {
    private let lock = NSLock()
    private var all: [String] = []
    var values: [String] { self.lock.withLock { self.all } }
    func add(_ value: String) { self.lock.withLock { self.all.append(value) } }
}
