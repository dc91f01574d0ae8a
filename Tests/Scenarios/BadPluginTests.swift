import Foundation
import TestSupport
import Testing

extension Scenarios {
    /// Plugins that are wrong while they run: each is noticed, named, and harms no more than it must.
    @Suite struct BadPluginTests {
        /// A gateway that answers everything itself, behind the fixture `source`.
        private func gateway(
            _ source: String, timeouts: String = "{}"
        ) throws -> (CompiledPlugin, ProxyProcess) {
            let plugin = try CompiledPlugin("BadPlugins/\(source).c")
            return (plugin, try self.gateway(plugin: "test", in: plugin.folder, timeouts: timeouts))
        }

        private func gateway(plugin: String, in folder: String, timeouts: String = "{}") throws
            -> ProxyProcess
        {
            try ProxyProcess(
                """
                plugins: { path: ["\(folder)", "\(Binaries.pluginFolder)"] }
                listeners:
                  - name: public
                    address: "127.0.0.1:0"
                    timeouts: \(timeouts)
                    filters: [{ plugin: \(plugin) }]
                routes:
                  - { name: all, rules: [{ directResponse: { body: "from a rule" } }] }
                """)
        }

        private func ask(_ proxy: ProxyProcess, _ path: String, _ fields: String = "") throws -> RawMessage {
            let connection = try proxy.connect()
            try connection.send("GET \(path) HTTP/1.1\r\nHost: a\r\n\(fields)\r\n")
            return try connection.readResponse()
        }

        /// The part of the log's line behind the time, once there is one with `text`.
        private func logged(_ proxy: ProxyProcess, _ text: String) -> String {
            var found: Substring?
            eventually {
                found = proxy.log.split(separator: "\n").first { $0.contains(text) }
                return found != nil
            }
            return found.map(String.init) ?? "no line '\(text)' in: \(proxy.log)"
        }

        @Test(
            "A filter that pauses for ever is given up after the listener's time for a body, by its name",
            arguments: ["request", "response"])
        func pausesForEver(_ message: String) throws {
            let (_, proxy) = try self.gateway("pause-for-ever", timeouts: "{ body: 200ms }")
            let response = try self.ask(proxy, "/\(message)")
            #expect(response.status == 504)
            #expect(proxy.accessLog("/\(message)").map(\.response_code_details) == ["filter_timeout"])
            let line = self.logged(proxy, "did not go on in time")
            #expect(line.contains("paused a \(message) and did not go on in time filter=test"), "\(line)")
            #expect(try self.ask(proxy, "/").status == 200)
        }

        @Test("A filter that pauses a response's body for ever ends the connection")
        func pausesBody() throws {
            let (_, proxy) = try self.gateway("pause-for-ever", timeouts: "{ body: 200ms }")
            #expect(throws: WireError.self) { try self.ask(proxy, "/body") }
            let line = self.logged(proxy, "did not go on in time")
            #expect(line.contains("paused a response and did not go on in time filter=test"), "\(line)")
            #expect(try self.ask(proxy, "/").status == 200)
        }

        @Test("The second of two answers is refused, and the first one holds")
        func answersTwice() throws {
            let (_, proxy) = try self.gateway("answer-twice")
            let response = try self.ask(proxy, "/")
            #expect(response.status == 403)
            #expect(response["x-second"] == "3")  // POSTERN_WRONG_PHASE
        }

        @Test("A head that has left cannot be changed, and the filter is told so")
        func lateHeaders() throws {
            let (_, proxy) = try self.gateway("late-headers")
            let response = try self.ask(proxy, "/")
            #expect(response.text == "request 3, response 3")  // POSTERN_WRONG_PHASE
            #expect(response["x-early"] == "1" && response["x-late"] == nil)
        }

        @Test("A handle that was kept past its request's end leads nowhere")
        func keptHandle() throws {
            let (_, proxy) = try self.gateway("kept-handle")
            _ = try self.ask(proxy, "/")
            let line = self.logged(proxy, "kept handle")
            #expect(line.contains("set 3, answer 3, id 0, posted work ran 0, released 1"), "\(line)")
            #expect(proxy.isRunning)
        }

        @Test("A hook that does not return is named in the log, with its phase and its request")
        func endlessLoop() throws {
            let (_, proxy) = try self.gateway("endless-loop")
            let client = try proxy.connect()
            try client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            let line = self.logged(proxy, "busy for more than")
            #expect(
                line.contains("1 s: its connections wait worker=0 filter=test phase=response_head stream="),
                "\(line)")
            proxy.send(signal: SIGKILL)  // A worker in a loop does not drain.
        }

        @Test(
            "A crash is reported with filter, phase and request, and ends the process as it would have",
            arguments: [
                ("/trap", "SIGILL", SIGILL), ("/overflow", "SIGSEGV", SIGSEGV),
                ("/abort", "SIGABRT", SIGABRT),
            ]
        )
        func crashes(_ path: String, _ name: String, _ signal: Int32) throws {
            let (_, proxy) = try self.gateway("trap")
            #expect(try self.ask(proxy, "/").status == 200)
            #expect(throws: WireError.self) { try self.ask(proxy, path, "x-request-id: 4711\r\n") }
            let line = self.logged(proxy, "crashed by")
            #expect(
                line == "postern-proxy: crashed by \(name) in filter=test phase=request_head request=4711",
                "\(line)")
            #expect(proxy.stop() == .signalled(signal))
        }

        @Test("A filter in Swift that throws fails its request, and says why")
        func throwsInHook() throws {
            let proxy = try self.gateway(plugin: "behaviours", in: Binaries.testFolder)
            #expect(try self.ask(proxy, "/throw").status == 500)
            let line = self.logged(proxy, "requestHead failed")
            #expect(line.contains("error filter requestHead failed: tooLarge filter=behaviours"), "\(line)")
            #expect(try self.ask(proxy, "/").status == 200)
        }

        @Test("A filter in Swift whose initialiser throws is refused where its configuration stands")
        func throwsInInit() throws {
            let folder = try TemporaryFolder()
            let file = try folder.write(
                """
                version: 1
                plugins: { path: ["\(Binaries.testFolder)"] }
                listeners:
                  - name: public
                    address: "127.0.0.1:0"
                    filters:
                      - plugin: behaviours
                        config: { refuse: "not today" }
                routes:
                  - { name: all, rules: [{ directResponse: {} }] }
                """, to: "postern.yaml")
            let error = try #require(throws: Tool.Failure.self) {
                try Tool.run(Binaries.program("postern"), ["check", "-c", file.path])
            }
            let place = "postern.yaml:8:27: listeners[0].filters[0].config.refuse: not today"
            #expect(error.description.contains(place), "\(error)")
        }
    }
}
