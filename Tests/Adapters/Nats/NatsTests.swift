import Foundation
import Nats
import PosternSDK
import PosternTestKit
import TestSupport
import Testing

@Suite(.ownThread) struct NatsTests {
    let host = TestHost()

    func handler(_ address: String, _ config: String = "") throws -> TestHandler {
        try self.host.configure(
            Nats.self,
            #"{ "address": "\#(address)", "omitAbsent": true"#
                + (config.contains("timeout") ? "" : #", "timeout": "20s""#) + " \(config) }")
    }

    func record(_ number: Int, _ text: TestValue = .absent, name: String = "requestlog") -> TestRecord {
        .logEntry(["n": .int64(Int64(number)), "s": text], name: name)
    }

    func numbers(_ messages: [[String: Any]]) -> [Int] {
        messages.compactMap { ($0["record"] as? [String: Any])?["n"] as? Int }
    }

    @Test("A stream has every record, by subject and in order")
    func stored() throws {
        let server = try NatsServer()
        try server.create("LOGS", "postern.>")
        let handler = try self.handler(server.address)
        for batch in 0..<3 {
            let records = (0..<100).map {
                self.record(batch * 100 + $0, .string("é\r\nPUB x 0\r\n"), name: $0 % 2 == 0 ? "a" : "b.*")
            }
            #expect(handler.report(records).isDelivered)
        }
        let seen = try server.read("LOGS")
        #expect(self.numbers(seen) == Array(0..<300))
        #expect(
            seen[0]["subject"] as? String == "postern.a" && seen[1]["subject"] as? String == "postern.b__")
        #expect((seen[0]["record"] as? [String: Any])?["s"] as? String == "é\r\nPUB x 0\r\n")
    }

    @Test("Without a stream nothing is taken, unless none is asked for")
    func noStream() throws {
        let server = try NatsServer()
        let problem = try self.handler(server.address).report([self.record(1)]).problem
        #expect(problem == "\(server.address): no stream takes the subject")
        #expect(
            try self.handler(server.address, #", "jetStream": false"#).report([self.record(1)]).isDelivered)
    }

    @Test("What a stream has no room for comes again, and what is too large for it is refused")
    func partial() throws {
        let server = try NatsServer()
        try server.create("LOGS", "postern.>", "max_msgs=3", "max_msg_size=500")
        let handler = try self.handler(server.address)
        let large = self.record(1, .string(String(repeating: "x", count: 600)))
        let records = [self.record(0), large, self.record(2), self.record(3), self.record(4)]
        let report = handler.report(records)
        #expect(report.problem == nil)
        #expect(report.outcomes == [.delivered, .refused, .delivered, .delivered, .again])
        #expect(
            handler.report([self.record(4)], attempt: 1).problem?.contains("maximum messages exceeded")
                == true)
        #expect(self.numbers(try server.read("LOGS")) == [0, 2, 3])
    }

    @Test("A message larger than the server's limit is refused, and the others go on")
    func large() throws {
        let server = try NatsServer("max_payload: 1000")
        try server.create("LOGS", "postern.>")
        let handler = try self.handler(server.address)
        let large = self.record(1, .string(String(repeating: "x", count: 1000)))
        #expect(
            handler.report([self.record(0), large, self.record(2)]).outcomes == [
                .delivered, .refused, .delivered,
            ])
        #expect(self.numbers(try server.read("LOGS")) == [0, 2])
    }

    @Test("Users and tokens open the door, others learn why not")
    func users() throws {
        let server = try NatsServer(
            #"authorization { users: [{ user: gw, password: s3cret }, { user: ro, password: p, "#
                + #"permissions: { publish: "_INBOX.>" } }] }"#, credentials: "gw:s3cret")
        try server.create("LOGS", "postern.>")
        let good = #", "username": "gw", "password": "s3cret""#
        #expect(try self.handler(server.address, good).report([self.record(1)]).isDelivered)
        for (config, why) in [
            ("", "Authorization Violation"),
            (#", "username": "gw", "password": "wr0ng""#, "Authorization Violation"),
            (
                #", "username": "ro", "password": "p""#,
                "Permissions Violation for Publish to \"postern.requestlog\""
            ),
        ] {
            let problem = try self.handler(server.address, config).report([self.record(2)]).problem ?? ""
            #expect(problem.contains(why) && !problem.contains("wr0ng"), "\(problem)")
        }
        let other = try NatsServer(#"authorization { token: "t0ken" }"#)
        let plain = #", "jetStream": false, "token": "t0ken""#
        #expect(try self.handler(other.address, plain).report([self.record(1)]).isDelivered)
    }

    @Test("TLS, where the server wants it")
    func tls() throws {
        let made = try TestCertificates()
        try made.add("server", names: ["IP:127.0.0.1"])
        let server = try NatsServer(
            #"tls { cert_file: "\#(made.path("server.pem"))", key_file: "\#(made.path("server.key"))" }"#)
        let authority = String(decoding: try JSONEncoder().encode(made.text(of: "ca.pem")), as: UTF8.self)
        let tls = #", "jetStream": false, "tls": { "trustedCA": \#(authority) }"#
        #expect(try self.handler(server.address, tls).report([self.record(1)]).isDelivered)
        #expect(
            try self.handler(server.address).report([self.record(1)]).problem?.contains("wants TLS") == true)
        let other = try self.handler(server.address, #", "tls": {}"#).report([self.record(1)]).problem
        #expect(other?.contains("its certificate is not accepted") == true)
    }

    @Test("A server that is away at first, is killed in between, or stands still gets all records in the end")
    func away() throws {
        let server = try NatsServer()
        try server.create("LOGS", "postern.>")
        server.stop()
        let handler = try self.handler(server.address)
        #expect(handler.report([self.record(1)]).problem?.contains("Connection refused") == true)
        try server.start()
        #expect(handler.report([self.record(1)], attempt: 1).isDelivered)
        server.stop()
        #expect(handler.report([self.record(2)]).problem != nil)
        try server.start()
        #expect(handler.report([self.record(2)], attempt: 1).isDelivered)
        #expect(self.numbers(try server.read("LOGS")) == [1, 2])
        let hurried = try self.handler(server.address, #", "timeout": "300ms""#)
        #expect(hurried.report([self.record(3)]).isDelivered)
        server.pause(true)
        #expect(hurried.report([self.record(4)]).problem?.contains("timed out") == true)
        server.pause(false)
        let isTaken = eventually { hurried.report([self.record(4)], attempt: 1).isDelivered }
        #expect(isTaken)
        #expect(Set(self.numbers(try server.read("LOGS"))) == [1, 2, 3, 4])
    }

    @Test("A server that asks whether the client is there is answered between reports")
    func ping() throws {
        let backend = try RawBackend()
        let answered = Gate()
        backend.onConnection { connection in
            try connection.send("INFO {\"max_payload\":1000}\r\n")
            for answer in ["PONG\r\n", "PONG\r\nPING\r\n"] {
                var text = ""
                while !text.hasSuffix("PING\r\n") {
                    text += String(decoding: try connection.readSome(), as: UTF8.self)
                }
                try connection.send(answer)
            }
            if try connection.readSome() == Array("PONG\r\n".utf8) { answered.open() }
        }
        let handler = try self.handler(backend.address, #", "jetStream": false"#)
        #expect(handler.report([self.record(1)]).isDelivered)
        let isAnswered = eventually {
            handler.tick()
            return answered.isOpen
        }
        #expect(isAnswered)
    }

    @Test(
        "A bad configuration is refused",
        arguments: [
            (#""address": "a:x""#, "/address"), (#""address": "a", "subject": "a..b""#, "/subject"),
            (#""address": "a", "subject": "a.*""#, "/subject"),
            (#""address": "a", "subject": "a b""#, "/subject"),
            (#""address": "a", "username": "u""#, "one is missing"),
            (
                #""address": "a", "username": "u", "password": "s3cret", "token": "s3cret""#,
                "/token: and 'username'"
            ),
            (#""address": "a", "line": "x""#, "/line"),
            (#""address": "a", "tls": { "trustedCA": "x" }"#, "/tls"),
        ])
    func refused(_ config: String, _ why: String) {
        #expect {
            _ = try self.host.configure(Nats.self, "{ \(config) }")
        } throws: {
            "\($0)".contains(why) && !"\($0)".contains("s3cret")
        }
    }
}
