import Fluentd
import Foundation
import PosternSDK
import PosternTestKit
import TestSupport
import Testing

@Suite(.ownThread) struct FluentdTests {
    func handler(_ address: String, _ config: String = "") throws -> TestHandler {
        try TestHost().configure(
            Fluentd.self, #"{ "address": "\#(address)", "timeout": "20s" \#(config) }"#)
    }

    func record(_ number: Int, name: String = "requestlog") -> TestRecord {
        .logEntry(["n": .int64(Int64(number)), "gone": .absent], name: name)
    }

    func numbers(_ seen: [[String: Any]]) -> [Int] {
        seen.compactMap { ($0["record"] as? [String: Any])?["n"] as? Int }
    }

    @Test("The receiver takes what fluent-logger sends")
    func reference() throws {
        let server = try PythonServer("fluent_receiver.py")
        let script = """
            import sys; from fluent import sender
            port = int(sys.argv[1])
            logger = sender.FluentSender("app", host="127.0.0.1", port=port, nanosecond_precision=True)
            time = sender.EventTime(1700000000.5)
            assert logger.emit_with_time("x", time, {"n": 1, "s": "é"}), logger.last_error
            logger.close()
            """
        try Tool.run(PythonServer.python, ["-c", script, "\(server.port)"])
        let seen = try server.seen(1)
        #expect(self.numbers(seen) == [1], "\(seen)")
        #expect(seen.first?["tag"] as? String == "app.x" && seen.first?["mode"] as? String == "message")
        #expect(seen.first?["time"] as? String == "1700000000.500000000")
    }

    @Test("Events have their time, tag and values, in both modes, acknowledged or not")
    func events() throws {
        let server = try PythonServer("fluent_receiver.py")
        let long = String(repeating: "x", count: 70_000)
        let record = TestRecord.logEntry(
            [
                "s": .string("é\u{1}\""), "i": .int64(-33), "big": .int64(.max), "small": .int64(.min),
                "d": .double(0.5), "b": .bool(true), "took": .duration(1_500_000_000), "gone": .absent,
                "ip": .ipAddress([203, 0, 113, 7]), "long": .string(long), "five": .int64(5),
                "middle": .string(String(repeating: "y", count: 300)),
                "short": .string(String(repeating: "z", count: 40)), "m": .int64(-1), "z": .bool(false),
            ], name: "requestlog")
        let configs = [
            "", #", "mode": "forward""#, #", "acknowledge": false, "tag": "fixed""#,
            #", "columns": ["i", "timestamp", "unknown"]"#,
        ]
        var seen: [[String: Any]] = []
        for config in configs {
            #expect(try self.handler(server.address, config).report([record]).isDelivered)
            // Each has a connection of its own, and what is not acknowledged may be overtaken.
            seen = try server.seen(seen.count + 1)
        }
        #expect(
            seen.map { $0["mode"] as? String } == [
                "packedForward", "forward", "packedForward", "packedForward",
            ])
        #expect(
            seen.map { $0["tag"] as? String } == [
                "postern.requestlog", "postern.requestlog", "fixed", "postern.requestlog",
            ])
        #expect(seen.map { $0["acknowledged"] as? Bool } == [true, true, false, true])
        #expect(seen.allSatisfy { $0["time"] as? String == "1700000000.123456789" })
        let first = try #require(seen.first?["record"] as? [String: Any])
        #expect(first.count == 15 && first["severity"] as? String == "info")
        #expect(first["s"] as? String == "é\u{1}\"" && first["ip"] as? String == "203.0.113.7")
        #expect(first["i"] as? Int == -33 && first["big"] as? Int == .max && first["small"] as? Int == .min)
        #expect(
            first["d"] as? Double == 0.5 && first["b"] as? Bool == true && first["took"] as? String == "1.5s")
        #expect(first["long"] as? String == long && first["five"] as? Int == 5 && first["m"] as? Int == -1)
        #expect((first["middle"] as? String)?.count == 300 && (first["short"] as? String)?.count == 40)
        let last = try #require(seen.last?["record"] as? [String: Any])
        #expect(last["i"] as? Int == -33 && last["timestamp"] as? String == "2023-11-14T22:13:20.123Z")
        #expect(last.count == 2)
    }

    @Test("Many events, of several instances, arrive in their order over one connection")
    func many() throws {
        let server = try PythonServer("fluent_receiver.py")
        let handler = try self.handler(server.address)
        for batch in 0..<5 {
            let records = (0..<1000).map { self.record(batch * 1000 + $0, name: $0 % 10 == 0 ? "b" : "a") }
            #expect(handler.report(records).isDelivered)
        }
        let seen = try server.seen(5000)
        #expect(self.numbers(seen).sorted() == Array(0..<5000))
        let tagged = seen.filter { $0["tag"] as? String == "postern.a" }
        #expect(self.numbers(tagged) == (0..<5000).filter { $0 % 10 != 0 })
    }

    @Test("The handshake proves the shared key and the user to both sides")
    func handshake() throws {
        let server = try PythonServer(
            "fluent_receiver.py", ["--shared-key", "s3cret", "--user", "gw", "--password", "w0rd"])
        let good = #", "sharedKey": "s3cret", "username": "gw", "password": "w0rd", "hostname": "gw-1""#
        let handler = try self.handler(server.address, good)
        #expect(handler.report([self.record(1)]).isDelivered)
        #expect(handler.report([self.record(2)]).isDelivered)
        let seen = try server.seen(3)
        #expect(seen[0]["greeted"] as? String == "gw-1")
        #expect(seen.count == 3 && self.numbers(seen) == [1, 2], "\(seen)")
        for (config, reason) in [
            (#", "sharedKey": "other""#, "wants a user"),
            (
                #", "sharedKey": "other", "username": "gw", "password": "w0rd""#,
                "refuses this client: shared_key mismatch"
            ),
            (
                #", "sharedKey": "s3cret", "username": "gw", "password": "x""#,
                "refuses this client: username/password"
            ),
        ] {
            let problem = try self.handler(server.address, config).report([self.record(3)]).problem ?? ""
            #expect(problem.contains(reason) && !problem.contains("s3cret"), "\(problem)")
        }
        let liar = try PythonServer("fluent_receiver.py", ["--shared-key", "s3cret", "--fault", "bad-pong"])
        let problem = try self.handler(liar.address, #", "sharedKey": "s3cret""#).report([self.record(3)])
            .problem
        #expect(problem?.contains("has another shared key") == true)
    }

    @Test("TLS")
    func tls() throws {
        let made = try TestCertificates()
        try made.add("server", names: ["IP:127.0.0.1"])
        let server = try PythonServer(
            "fluent_receiver.py",
            ["--certificate", made.path("server.pem"), "--key", made.path("server.key")])
        let authority = String(decoding: try JSONEncoder().encode(made.text(of: "ca.pem")), as: UTF8.self)
        let handler = try self.handler(server.address, #", "tls": { "trustedCA": \#(authority) }"#)
        #expect(handler.report([self.record(1)]).isDelivered)
        #expect(self.numbers(try server.seen(1)) == [1])
        #expect(try self.handler(server.address, #", "tls": {}"#).report([self.record(2)]).problem != nil)
    }

    @Test("A server that is away at first, and is killed in between, gets all records in the end")
    func killed() throws {
        let server = try PythonServer("fluent_receiver.py")
        server.stop()
        let handler = try self.handler(server.address)
        #expect(handler.report([self.record(1)]).problem?.contains("Connection refused") == true)
        try server.start()
        #expect(handler.report([self.record(1)], attempt: 1).isDelivered)
        server.stop()
        #expect(handler.report([self.record(2)]).problem != nil)
        try server.start()
        #expect(handler.report([self.record(2)], attempt: 1).isDelivered)
        #expect(self.numbers(try server.seen(2)) == [1, 2])
    }

    @Test(
        "What is not acknowledged was not taken",
        arguments: [
            ("no-ack", "timed out while waiting for an answer"), ("other-ack", "acknowledges another chunk"),
            ("close", "closed the connection without an answer"),
        ])
    func unacknowledged(_ fault: String, _ reason: String) throws {
        let server = try PythonServer("fluent_receiver.py", ["--fault", fault])
        let handler = try TestHost().configure(
            Fluentd.self,
            #"{ "address": "\#(server.address)", "timeout": "\#(fault == "no-ack" ? "200ms" : "20s")" }"#)
        let problem = handler.report([self.record(1), self.record(2, name: "b")]).problem
        #expect(problem == "\(server.address): \(reason)")
    }

    @Test(
        "A server that speaks no MessagePack, or greets without being asked, is an error",
        arguments: ["\u{C1}", "HTTP"])
    func foreign(_ text: String) throws {
        let backend = try RawBackend()
        backend.onConnection { connection in
            try connection.send(text == "HTTP" ? Array("HTTP/1.1 400\r\n\r\n".utf8) : [0xC1])
            _ = try connection.readToEnd()
        }
        let handler = try self.handler(backend.address, #", "sharedKey": "k""#)
        #expect(handler.report([self.record(1)]).problem?.hasPrefix("\(backend.address): ") == true)
    }

    @Test(
        "A bad configuration is refused",
        arguments: [
            (#""address": "a:0""#, "/address"), (#""address": "a", "mode": "message""#, "/mode"),
            (#""address": "a", "tag": "a {x}""#, "/tag"), (#""address": "a", "tag": """#, "/tag"),
            (#""address": "a", "username": "u""#, "one is missing"),
            (#""address": "a", "username": "u", "password": "s3cret""#, "/username: needs 'sharedKey'"),
            (#""address": "a", "timeout": "2h""#, "/timeout: must be a duration from 1ms to 1m, got '2h'"),
        ])
    func refused(_ config: String, _ why: String) {
        #expect {
            _ = try TestHost().configure(Fluentd.self, "{ \(config) }")
        } throws: {
            "\($0)".contains(why) && !"\($0)".contains("s3cret")
        }
    }
}
