import Foundation
import TestSupport
import Testing

extension Scenarios {
    /// A handler whose options a reload changes, while its backend is away and requests are under way.
    @Suite struct ChangedHandlerTests {
        private static func configuration(
            _ handler: String, _ backend: RawBackend, interval: Int, taken: String? = nil
        ) -> String {
            """
            listeners:
              - { name: public, address: "127.0.0.1:0" }
            \(taken.map { "  - { name: taken, address: \"\($0)\" }" } ?? "")
            routes:
              - name: all
                rules:
                  - { match: { path: { prefix: /slow } }, service: slow }
                  - { match: { path: { prefix: / } }, directResponse: { body: hello } }
            services: [{ name: slow, endpoints: ["\(backend.address)"] }]
            mixer:
              handlers:
                - name: records
                  batch: { interval: \(interval)ms }
                  retry: { initial: 10ms, limit: 50ms }
            \(handler.split(separator: "\n").map { "      \($0)" }.joined(separator: "\n"))
              instances: [{ name: line, template: logentry, params: { variables: { path: request.path } } }]
              rules: [{ actions: [{ handler: records, instances: [line] }] }]
            """
        }

        @Test(
            "With a spool nothing is lost and all is in order, of requests that began before the reload too")
        func spooled() throws {
            let folder = try TemporaryFolder()
            let backend = try RawBackend()
            let gate = Gate()
            backend.on("/slow") { connection, _ in
                try gate.wait()
                try connection.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
                return true
            }
            // The file cannot be made before its folder is there.
            let handler = """
                adapter: file
                onFull: spool
                spool: { path: "\(folder.file("spool").path)" }
                config: { path: "\(folder.file("later/records.log").path)" }
                """
            let proxy = try ProxyProcess(Self.configuration(handler, backend, interval: 20), folder: folder)
            let slow = try proxy.connect()
            try slow.send("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(eventually { gate.isWaitedFor })
            var sent: [String] = []
            func ask() throws {
                for _ in 1...20 {
                    sent.append("/\(sent.count)")
                    #expect(try proxy.ask(sent[sent.count - 1]).status == 200)
                }
            }
            try ask()
            for interval in 21...24 {
                #expect(
                    try proxy.reload {
                        try proxy.configure(Self.configuration(handler, backend, interval: interval))
                    })
                try ask()
            }
            // One that is refused, after the new handler was made, changes nothing.
            let other = try RawBackend()
            #expect(
                try !proxy.reload {
                    try proxy.configure(
                        Self.configuration(handler, backend, interval: 30, taken: other.address))
                })
            try ask()
            gate.open()
            #expect(try slow.readResponse().status == 200)
            try FileManager.default.createDirectory(
                at: folder.file("later"), withIntermediateDirectories: false)
            let wanted = sent + ["/slow"]
            #expect(
                eventually(within: 60) { self.paths(folder, "later/records.log").count >= wanted.count },
                "\(proxy.log)")
            #expect(self.paths(folder, "later/records.log") == wanted)
            #expect(try proxy.sum("postern_mixer_records_lost_total", [:]) == 0)
            #expect(proxy.stop() == .exited(0))
        }

        private func paths(_ folder: TemporaryFolder, _ file: String) -> [String] {
            folder.text(of: file).split(separator: "\n").compactMap {
                let object = try? JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any]
                return object?["path"] as? String
            }
        }

        @Test("A new `timeout` counts from the reload on, and the handler keeps its adapter and connection")
        func timeout() throws {
            let backend = try RawBackend()
            let agent = try RawBackend("agent")
            let gate = Gate()
            agent.on(
                "/v1/data/allow", answer: "HTTP/1.1 200 OK\r\nContent-Length: 15\r\n\r\n{\"result\":true}")
            func configuration(_ timeout: String) -> String {
                """
                listeners: [{ name: public, address: "127.0.0.1:0" }]
                routes: [{ name: all, rules: [{ service: backend }] }]
                services: [{ name: backend, endpoints: ["\(backend.address)"] }]
                mixer:
                  handlers:
                    - name: agent
                      adapter: opa
                      timeout: \(timeout)
                      config: { url: "http://\(agent.address)/v1/data/allow", timeout: 60s }
                  instances: [{ name: action, template: authorization }]
                  rules: [{ actions: [{ handler: agent, instances: [action] }] }]
                """
            }
            let proxy = try ProxyProcess(configuration("60s"))
            #expect(try proxy.ask("/").status == 200)
            agent.on("/v1/data/allow") { connection, head in
                _ = try connection.finish(head)
                try gate.wait()
                return false
            }
            #expect(try proxy.reload { try proxy.configure(configuration("50ms")) })
            #expect(try proxy.ask("/").status == 503)
            #expect(eventually { gate.isWaitedFor })
            #expect(agent.connections.count == 1)
            gate.open()
        }

        @Test(
            "Two threads do not share an adapter: with other options it is a new one, with its own connection"
        )
        func adapter() throws {
            let server = try RawBackend()
            server.onConnection { _ = try $0.readToEnd() }
            let handler = """
                adapter: syslog
                config: { address: "\(server.address)", transport: tcp }
                """
            func text() -> String {
                server.connections.map { String(decoding: $0.received, as: UTF8.self) }.joined()
            }
            let proxy = try ProxyProcess(Self.configuration(handler, server, interval: 20))
            #expect(try proxy.ask("/before").status == 200)
            #expect(eventually { text().contains("/before") })
            #expect(try proxy.reload { proxy.send(signal: SIGHUP) })
            #expect(try proxy.ask("/same").status == 200)
            #expect(eventually { text().contains("/same") })
            #expect(server.connections.count == 1)
            #expect(
                try proxy.reload { try proxy.configure(Self.configuration(handler, server, interval: 21)) })
            #expect(try proxy.ask("/after").status == 200)
            #expect(eventually { text().contains("/after") })
            #expect(server.connections.count == 2)
        }
    }
}
