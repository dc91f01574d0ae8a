import Fluentd
import HttpLog
import Kafka
import List
import Nats
import Opa
import Otlp
import PosternTestKit
import Redisquota
import TestSupport
import Testing
import Zipkin

/// The SDK's suite, run over adapters with the servers that they speak to.
@Suite(.ownThread) struct BackendConformanceTests {
    private func backend(
        _ server: PythonServer, _ arguments: [String] = [], _ promise: DeliveryPromise = .atLeastOnce
    ) -> AdapterBackend {
        AdapterBackend(
            promise, arrived: { server.folder.text(of: "seen").split(separator: "\n").map(String.init) },
            stop: { server.stop() }, start: { try server.start(arguments) })
    }

    /// A span without its ids is none.
    private func isNoSpan(_ record: TestRecord) -> Bool {
        guard let column = record.shape.columns.firstIndex(of: "traceId") else { return false }
        if case .string(let text) = record.values[column] { return text.utf8.count != 32 }
        return true
    }

    @Test("Fluentd conforms", arguments: AdapterBehaviour.allCases)
    func fluentd(_ behaviour: AdapterBehaviour) throws {
        let server = try PythonServer("fluent_receiver.py")
        let suite = AdapterSuite(
            Fluentd.self, #"{ "address": "\#(server.address)", "timeout": "20s" }"#,
            refused: [#"{ "address": "a b" }"#: "/address"], backend: self.backend(server))
        #expect(suite.run(behaviour) == [])
        #expect(!server.folder.text(of: "seen").contains("\"fault\""))
    }

    @Test("HTTP logs conform, in lines", arguments: AdapterBehaviour.allCases)
    func lines(_ behaviour: AdapterBehaviour) throws {
        let arguments = ["--shape", "lines"]
        let server = try PythonServer("log_server.py", arguments)
        let suite = AdapterSuite(
            HttpLog.self, #"{ "url": "http://\#(server.address)/logs", "shape": "lines", "timeout": "20s" }"#,
            refused: [#"{ "url": "ftp://a", "shape": "lines" }"#: "/url"],
            backend: self.backend(server, arguments))
        #expect(suite.run(behaviour) == [])
    }

    @Test("NATS conforms", arguments: AdapterBehaviour.allCases)
    func nats(_ behaviour: AdapterBehaviour) throws {
        let server = try NatsServer("max_payload: 1048576")
        try server.create("LOGS", "postern.>")
        let suite = AdapterSuite(
            Nats.self, #"{ "address": "\#(server.address)", "timeout": "20s" }"#,
            refused: [#"{ "address": "a b" }"#: "/address"],
            backend: AdapterBackend(
                arrived: { try server.read("LOGS").map { "\($0)" } }, stop: { server.stop() },
                start: { try server.start() }))
        #expect(suite.run(behaviour) == [])
    }

    @Test("Kafka conforms")
    func kafka() throws {
        let server = try PythonServer("kafka_cluster.py", ["--topics", "suite"])
        let cluster = String(decoding: try RawSocket.connect(to: server.address).read(), as: UTF8.self)
        let suite = AdapterSuite(
            Kafka.self, #"{ "brokers": ["\#(cluster)"], "topic": "suite", "timeout": "20s" }"#,
            refused: [#"{ "brokers": [] }"#: "/brokers"],
            backend: AdapterBackend(arrived: {
                server.folder.text(of: "seen").split(separator: "\n").map(String.init)
            }))
        #expect(suite.run() == [])
    }

    @Test("OTLP conforms, by either protocol", arguments: ["http", "grpc"])
    func otlp(_ transport: String) throws {
        let receiver = try OtlpReceiver(transport)
        let config = #"{ "endpoint": "http://127.0.0.1:\#(receiver.port)", "protocol": "\#(transport)" }"#
        let suite = AdapterSuite(
            OtlpAdapter.self, config, refused: [#"{ "endpoint": "nowhere" }"#: "/endpoint"],
            backend: AdapterBackend(
                arrived: { receiver.folder.text(of: "requests").split(separator: "\n").map(String.init) },
                stop: { receiver.kill() }, start: { try receiver.restart() }),
            mayRefuse: self.isNoSpan)
        #expect(suite.run() == [])
    }

    @Test("Adapters that ask a server conform, while it is there")
    func askers() throws {
        let redis = try Redis()
        defer { redis.process.stop() }
        let redisquota = AdapterSuite(
            RedisquotaAdapter.self,
            """
            { "address": "127.0.0.1:\(redis.port)", "password": "hunter2",
              "quotas": [{ "name": "suite", "max": 100, "per": "1h" }] }
            """, secrets: ["hunter2"])
        #expect(redisquota.run() == [])
        let agent = try RawBackend()
        let answer = #"{"result": true}"#
        agent.on(
            "/v1/data/gateway",
            answer: "HTTP/1.1 200 OK\r\nContent-Length: \(answer.utf8.count)\r\n\r\n\(answer)")
        let opa = AdapterSuite(OpaAdapter.self, #"{ "url": "http://\#(agent.address)/v1/data/gateway" }"#)
        #expect(opa.run() == [])
        #expect(AdapterSuite(ListAdapter.self, #"{ "entries": ["a"] }"#).run() == [])
    }

    @Test("Zipkin conforms")
    func zipkin() throws {
        let server = try RawBackend()
        server.on("/api/v2/spans", answer: "HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n")
        let suite = AdapterSuite(
            ZipkinAdapter.self, #"{ "endpoint": "http://\#(server.address)" }"#,
            backend: AdapterBackend(arrived: {
                server.connections.map { String(decoding: $0.received, as: UTF8.self) }
            }), mayRefuse: self.isNoSpan)
        #expect(suite.run() == [])
    }
}
