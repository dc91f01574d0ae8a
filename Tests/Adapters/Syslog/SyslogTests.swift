import Foundation
import PosternSDK
import PosternTestKit
import Syslog
import TestSupport
import Testing

@Suite(.ownThread) struct SyslogTests {
    let host = TestHost()

    func handler(_ address: String, _ config: String = "") throws -> TestHandler {
        try self.host.configure(
            Syslog.self,
            #"{ "address": "\#(address)", "format": "text", "line": "{n} {text}", "timeout": "20s""#
                + " \(config) }"
        )
    }

    func record(_ number: Int, _ text: TestValue = .absent, severity: String = "info") -> TestRecord {
        .logEntry(severity: severity, ["n": .int64(Int64(number)), "text": text], name: "requestlog")
    }

    func encoded(_ text: String) throws -> String {
        String(decoding: try JSONEncoder().encode(text), as: UTF8.self)
    }

    @Test("rsyslog understands every part of a message", arguments: [Rsyslog.Transport.udp, .tcp])
    func parts(_ transport: Rsyslog.Transport) throws {
        let server = try Rsyslog(transport)
        let handler = try self.handler(
            server.address,
            #"""
            , "transport": "\#(transport.rawValue)", "hostname": "gw-1", "appName": "edge",
            "facility": "daemon",
            "structuredData": { "id": "request@32473", "columns": ["n", "text", "gone"] }
            """#)
        let text = "a\"b\\c]d\ne é"
        #expect(
            handler.report([self.record(1, .string(text), severity: "ERROR"), self.record(2)]).isDelivered)
        let seen = try server.messages(2)
        let first = try #require(seen.first)
        #expect(first.pri == "\(3 * 8 + 3)" && seen.last?.pri == "\(3 * 8 + 6)")
        #expect(first.host == "gw-1" && first.app == "edge" && first.msgid == "requestlog")
        #expect(first.procid == "\(getpid())" && first.time == "2023-11-14T22:13:20.123Z")
        #expect(first.sd == #"[request@32473 n="1" text="a\"b\\c\]d\\x0ae é"]"#)
        #expect(first.msg == #"1 a\"b\\c]d\x0ae é"#)
        #expect(seen.last?.sd == #"[request@32473 n="2"]"# && seen.last?.msg == "2 -")
    }

    @Test("Many messages come through a stream, whatever is in them")
    func stream() throws {
        let server = try Rsyslog(.tcp)
        let handler = try self.handler(server.address, #", "transport": "tcp""#)
        let records = (0..<1000).map { self.record($0, .string("12 <14>1 \($0)\u{85}")) }
        #expect(handler.report(records).isDelivered)
        #expect(handler.report(records).isDelivered)
        let seen = try server.messages(2000)
        #expect(seen.map(\.msg) == (0..<2000).map { "\($0 % 1000) 12 <14>1 \($0 % 1000)\\xc2\\x85" })
    }

    @Test("TLS: the server is looked at, and shown a certificate")
    func tls() throws {
        let made = try TestCertificates()
        try made.add("server", names: ["DNS:localhost"])
        try made.add("client", names: ["DNS:client"])
        let server = try Rsyslog(.tls, made)
        let address = server.address.replacing("127.0.0.1", with: "localhost")
        func tls(_ authority: String) throws -> String {
            """
            , "tls": { "trustedCA": \(try self.encoded(made.text(of: authority))),
              "certificate": \(try self.encoded(made.text(of: "client.pem"))),
              "key": \(try self.encoded(made.text(of: "client.key"))) }
            """
        }
        #expect(try self.handler(address, tls("ca.pem")).report([self.record(7)]).isDelivered)
        #expect(try server.messages(1).map(\.msg) == ["7 -"], "\(server.log)")
        try made.addAuthority("other")
        let problem = try self.handler(address, tls("other.pem")).report([self.record(8)]).problem ?? ""
        #expect(problem.contains("its certificate is not accepted"), "\(problem)")
    }

    @Test(
        "syslog-ng understands every part of a message", .enabled(if: SyslogNG.isThere),
        arguments: ["udp", "tcp", "tls"])
    func syslogNG(_ transport: String) throws {
        let made = try TestCertificates()
        try made.add("server", names: ["DNS:localhost"])
        try made.add("client", names: ["DNS:client"])
        let server = try SyslogNG(transport, transport == "tls" ? made : nil)
        let tls = """
            , "tls": { "trustedCA": \(try self.encoded(made.text(of: "ca.pem"))),
              "certificate": \(try self.encoded(made.text(of: "client.pem"))),
              "key": \(try self.encoded(made.text(of: "client.key"))) }
            """
        let handler = try self.handler(
            server.address,
            #"""
            , "transport": "\#(transport == "udp" ? "udp" : "tcp")", "hostname": "gw-1", "appName": "edge",
            "structuredData": { "id": "request@32473", "columns": ["n", "text"] }
            """# + (transport == "tls" ? tls : ""))
        let records = [self.record(1, .string("a\"b]c\n é"), severity: "critical"), self.record(2)]
        #expect(handler.report(records).isDelivered)
        let text = #"130|gw-1|edge|requestlog|[request@32473 n="1" text="a\"b\]c\\x0a é"]|1 a\"b]c\x0a é"#
        let seen = server.lines(2)
        #expect(seen == [text, #"134|gw-1|edge|requestlog|[request@32473 n="2"]|2 -"#], "\(server.log)")
    }

    @Test("A server that is away takes nothing; a later report reaches it, and again after it was restarted")
    func away() throws {
        let server = try Rsyslog(.tcp)
        let handler = try self.handler(server.address, #", "transport": "tcp""#)
        server.stop()
        #expect(handler.report([self.record(1)]).problem?.contains("Connection refused") == true)
        try server.start()
        #expect(handler.report([self.record(1)], attempt: 1).isDelivered)
        #expect(try server.messages(1).count == 1)
        server.stop()
        #expect(handler.report([self.record(2)]).problem != nil)
        try server.start()
        #expect(handler.report([self.record(2)], attempt: 1).isDelivered)
        #expect(try server.messages(2).map(\.msg) == ["1 -", "2 -"])
    }

    @Test("A server that reads nothing makes a report fail in time")
    func slow() throws {
        let gate = Gate()
        let backend = try RawBackend()
        backend.onConnection { _ in try gate.wait() }
        defer { gate.open() }
        let handler = try self.host.configure(
            Syslog.self, #"{ "address": "\#(backend.address)", "transport": "tcp", "timeout": "50ms" }"#)
        let long = TestValue.string(String(repeating: "x", count: 8000))
        let report = handler.report((0..<1000).map { self.record($0, long) })
        #expect(report.problem == "\(backend.address): timed out while sending")
    }

    @Test("UDP to where nobody listens is noticed with the next message")
    func refused() throws {
        let handler = try self.handler(try DeadEnd.refusing().address)
        let isNoticed = eventually {
            handler.report([self.record(1)]).problem?.contains("Connection refused") == true
        }
        #expect(isNoticed)
    }

    @Test("Longer messages are cut between characters, and counted")
    func cut() throws {
        let server = try Rsyslog(.tcp)
        let handler = try self.handler(
            server.address, #", "transport": "tcp", "maxSize": "480B", "hostname": "h", "appName": "a""#)
        #expect(handler.report([self.record(1, .string(String(repeating: "é", count: 400)))]).isDelivered)
        let message = try #require(try server.messages(1).first?.msg)
        #expect(message.hasSuffix("ééé") && message.utf8.count > 380 && message.utf8.count < 480)
        #expect(self.host.metric("syslog_cut_total") == 1)
    }

    @Test(
        "A bad configuration is refused",
        arguments: [
            (#""address": "a:x""#, "/address: must be HOST:PORT"),
            (#""address": "a", "facility": "local8""#, "/facility: must be one of kern"),
            (#""address": "a", "transport": "sctp""#, "/transport"),
            (#""address": "a", "transport": "udp", "tls": {}"#, "/tls: needs 'transport: tcp'"),
            (#""address": "a", "hostname": "a b""#, "/hostname"),
            (#""address": "a", "appName": """#, "/appName"),
            (#""address": "a", "maxSize": "10B""#, "/maxSize: must be 480B...65507B, got 10B"),
            (#""address": "a", "structuredData": { "id": "a=b", "columns": ["a"] }"#, "/structuredData/id"),
            (#""address": "a", "tls": { "trustedCA": "x" }"#, "/tls: the trusted authorities hold no"),
        ])
    func refused(_ config: String, _ why: String) {
        #expect { _ = try self.host.configure(Syslog.self, "{ \(config) }") } throws: {
            "\($0)".contains(why)
        }
    }
}
