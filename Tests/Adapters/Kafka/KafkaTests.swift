import Foundation
import Kafka
import PosternSDK
import PosternTestKit
import TestSupport
import Testing

@Suite(.ownThread, .serialized) struct KafkaTests {
    let host = TestHost()

    func cluster() throws -> (server: PythonServer, address: String) {
        let server = try PythonServer("kafka_cluster.py", ["--topics", "postern.a,postern.b_"])
        let socket = try RawSocket.connect(to: server.address)
        return (server, String(decoding: try socket.read(), as: UTF8.self))
    }

    func handler(_ address: String, _ config: String = "") throws -> TestHandler {
        try self.host.configure(
            Kafka.self,
            #"{ "brokers": ["\#(address)"], "omitAbsent": true"#
                + (config.contains("timeout") ? "" : #", "timeout": "20s""#) + " \(config) }")
    }

    func record(_ number: Int, _ text: TestValue = .absent, name: String = "a") -> TestRecord {
        .logEntry(["n": .int64(Int64(number)), "s": text], name: name)
    }

    func numbers(_ messages: [[String: Any]]) -> [Int] {
        messages.compactMap { ($0["record"] as? [String: Any])?["n"] as? Int }
    }

    @Test("Every record arrives in its topic, with key and time; those of one key in their order")
    func produced() throws {
        let (server, address) = try self.cluster()
        for compression in ["none", "gzip", "snappy", "lz4"] {
            let config = #", "key": "s", "compression": "\#(compression)""#
            let handler = try self.handler(address, config)
            let records = (0..<200).map {
                self.record($0, .string("k\($0 % 3)"), name: $0 % 2 == 0 ? "a" : "b/")
            }
            #expect(handler.report(records).isDelivered)
            #expect(handler.report([self.record(200)]).isDelivered)
        }
        let seen = try server.seen(804)
        #expect(self.numbers(seen).sorted() == (0...200).flatMap { [$0, $0, $0, $0] })
        #expect(seen.allSatisfy { $0["time"] as? Int == 1_700_000_000_123 })
        let first = seen.filter { $0["topic"] as? String == "postern.a" && $0["key"] as? String == "k0" }
        let once = (0..<200).filter { $0 % 6 == 0 }
        #expect(self.numbers(first) == once + once + once + once)
        #expect(seen.filter { $0["key"] as? String == nil }.count == 4)
    }

    @Test("A cluster that is away, and one that is killed in between, takes nothing")
    func away() throws {
        let away = try DeadEnd.refusing()
        let problem =
            try self.handler(away.address, #", "timeout": "500ms""#).report([self.record(1)]).problem ?? ""
        #expect(problem.contains("in time") && problem.contains("Connection refused"), "\(problem)")
        let (server, address) = try self.cluster()
        let handler = try self.handler(address, #", "timeout": "1s""#)
        let isTaken = eventually { handler.report([self.record(1)]).isDelivered }
        #expect(isTaken)
        server.stop()
        #expect(handler.report([self.record(2), self.record(3)]).problem?.isEmpty == false)
    }

    @Test("A cluster that stands still for a while gets what it has not acknowledged later")
    func still() throws {
        let (server, address) = try self.cluster()
        let handler = try self.handler(address, #", "timeout": "1s""#)
        let isTaken = eventually { handler.report([self.record(1)]).isDelivered }
        #expect(isTaken)
        server.pause(true)
        let problem = handler.report([self.record(2)]).problem ?? ""
        #expect(problem.contains("in time"), "\(problem)")
        server.pause(false)
        let isTakenAgain = eventually { handler.report([self.record(2)], attempt: 1).isDelivered }
        #expect(isTakenAgain)
        let hasCome = try eventually { Set(self.numbers(try server.seen(1))) == [1, 2] }
        #expect(hasCome)
    }

    @Test("A broker that says nothing makes a report fail in time, and nothing of it is left under way")
    func silent() throws {
        let dead = try DeadEnd.silent()
        let handler = try self.handler(dead.address, #", "timeout": "300ms""#)
        for _ in 0..<2 {
            #expect(handler.report((0..<100).map { self.record($0) }).problem?.contains("in time") == true)
        }
    }

    @Test("A message that is too large is refused, and the others go on")
    func large() throws {
        let (server, address) = try self.cluster()
        let handler = try self.handler(address, #", "properties": { "message.max.bytes": "5000" }"#)
        let large = self.record(1, .string(String(repeating: "x", count: 6000)))
        let report = handler.report([self.record(0), large, self.record(2)])
        #expect(report.problem == nil && report.outcomes == [.delivered, .refused, .delivered])
        #expect(self.numbers(try server.seen(2)).sorted() == [0, 2])
    }

    @Test(
        "A bad configuration is refused",
        arguments: [
            (#""brokers": []"#, "/brokers"), (#""brokers": ["a,b"]"#, "/brokers/0"),
            (#""brokers": ["a"], "topic": "a b""#, "/topic"), (#""brokers": ["a"], "topic": """#, "/topic"),
            (#""brokers": ["a"], "acknowledgements": "2""#, "/acknowledgements"),
            (#""brokers": ["a"], "compression": "zip""#, "/compression: Invalid value"),
            (
                #""brokers": ["a"], "properties": { "nonsense": "s3cret" }"#,
                "/properties/nonsense: librdkafka does not know"
            ),
            (
                #""brokers": ["a"], "properties": { "sasl.mechanisms.x": "s3cret" }"#,
                "/properties/sasl.mechanisms.x"
            ),
            (#""brokers": ["a"], "properties": { "acks": "1" }"#, "/properties/acks: is set by the adapter"),
            (#""brokers": ["a"], "timeout": "1h""#, "/timeout"),
        ])
    func refused(_ config: String, _ why: String) {
        #expect {
            _ = try self.host.configure(Kafka.self, "{ \(config) }")
        } throws: {
            "\($0)".contains(why) && !"\($0)".contains("s3cret")
        }
    }
}
