import Foundation
import Graphite
import PluginNet
import PosternSDK
import PosternTestKit
import TestSupport
import Testing

@Suite(.ownThread) struct GraphiteTests {
    let host = TestHost()

    /// What one report wrote.
    func written(_ more: String, _ reports: [[TestRecord]]) throws -> String {
        let backend = try RawBackend()
        backend.onConnection { connection in while try !connection.readSome().isEmpty {} }
        let handler = try self.host.configure(
            GraphiteAdapter.self, "{ \"address\": \"\(backend.address)\"\(more) }")
        for records in reports { #expect(handler.report(records).isDelivered) }
        // A line for each record.
        let lines = reports.joined().count
        func received() -> String {
            String(decoding: backend.connections.first?.received ?? [], as: UTF8.self)
        }
        #expect(eventually { received().filter { $0 == "\n" }.count >= lines })
        return received()
    }

    @Test("Carbon keeps what was reported: paths, values and times, histograms by parts")
    func carbon() throws {
        let carbon = try Carbon()
        defer { carbon.process.stop() }
        let handler = try self.host.configure(
            GraphiteAdapter.self, "{ \"address\": \"127.0.0.1:\(carbon.port)\", \"prefix\": \"edge.one\" }")
        #expect(eventually { handler.report([Metrics.counter(12)]).isDelivered }, "\(carbon.log)")
        #expect(
            handler.report([Metrics.gauge(-2.5), Metrics.histogram([3, 2, 1, 4], sum: 12.75)]).isDelivered)
        for (path, value) in [
            ("edge/one/requests/200/reviews", 12), ("edge/one/load/a", -2.5),
            ("edge/one/duration_seconds/reviews/count", 10), ("edge/one/duration_seconds/reviews/sum", 12.75),
            ("edge/one/duration_seconds/reviews/le/0_5", 5), ("edge/one/duration_seconds/reviews/le/inf", 10),
        ] {
            #expect(eventually(within: 60) { carbon.value(path) == value }, "\(path): \(carbon.log)")
        }
    }

    @Test("VictoriaMetrics has tagged series, before and after it was killed")
    func victoria() throws {
        let (graphite, web) = (try freePort(), try freePort())
        let folder = try TemporaryFolder()
        func start() throws -> ChildProcess {
            try ChildProcess(
                "victoria-metrics",
                [
                    "-graphiteListenAddr=127.0.0.1:\(graphite)", "-httpListenAddr=127.0.0.1:\(web)",
                    "-storageDataPath=\(folder.file("data").path)", "-search.latencyOffset=0s",
                    "-search.disableCache",
                ], output: folder.file("log"))
        }
        func ask(_ query: String) -> Double? {
            let encoded = query.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
            guard let url = HTTPURL("http://127.0.0.1:\(web)/api/v1/query?query=\(encoded)") else {
                return nil
            }
            var client = HTTPClient(url, timeout: .seconds(5))
            guard let answer = try? client.send("GET"), let json = try? JSONValue(parsing: answer.body),
                case .array(let results)? = json["data"]?["result"],
                case .array(let pair)? = results.first?["value"]
            else { return nil }
            return pair.last?.text.flatMap { Double($0) }
        }
        let handler = try self.host.configure(
            GraphiteAdapter.self, "{ \"address\": \"127.0.0.1:\(graphite)\", \"tags\": true }")
        // Absent at first.
        #expect(handler.report([Metrics.counter(1)]).problem != nil)
        var server = try start()
        defer { server.stop() }
        let records = [
            Metrics.counter(12), Metrics.counter(3, code: 503, service: "a;b =c"),
            Metrics.histogram([3, 2, 1, 4], sum: 12.75),
        ]
        #expect(eventually { handler.report(records).isDelivered }, "\(folder.text(of: "log"))")
        #expect(eventually(within: 30) { ask("{__name__=\"postern.requests\",service=\"reviews\"}") == 12 })
        #expect(eventually(within: 30) { ask("{__name__=\"postern.requests\",service=\"a_b_=c\"}") == 3 })
        #expect(ask("{__name__=\"postern.duration_seconds.bucket\",le=\"0.5\"}") == 5)
        server.send(signal: SIGKILL)
        #expect(eventually { server.state != nil })
        #expect(handler.report([Metrics.counter(20, time: Metrics.now + 1_000_000_000)]).problem != nil)
        server = try start()
        let later = Metrics.counter(20, time: Int64(Date().timeIntervalSince1970) * 1_000_000_000)
        #expect(eventually { handler.report([later]).isDelivered })
        #expect(eventually(within: 30) { ask("{__name__=\"postern.requests\",service=\"reviews\"}") == 20 })
    }

    @Test("Counters tell what was added where that is wanted")
    func deltas() throws {
        let text = try self.written(
            #", "counters": "deltas""#, [[Metrics.counter(10)], [Metrics.counter(14)]])
        let seconds = Metrics.now / 1_000_000_000
        #expect(
            text == "postern.requests.200.reviews 10 \(seconds)\npostern.requests.200.reviews 4 \(seconds)\n")
    }

    @Test("Configurations that make no sense are refused with the place")
    func refusals() {
        #expect(problem(GraphiteAdapter.self, #"{ "address": "a:b" }"#).hasPrefix("/address: must be HOST"))
        #expect(
            problem(GraphiteAdapter.self, #"{ "address": "a:1", "counters": "x" }"#).hasPrefix("/counters"))
        #expect(
            problem(GraphiteAdapter.self, #"{ "address": "a:1", "timeout": "0s" }"#).hasPrefix("/timeout"))
    }
}

/// Debian's carbon-cache, with files of its own.
private final class Carbon {
    let port: Int
    let process: ChildProcess
    private let folder: TemporaryFolder

    init() throws {
        let (port, pickle, query) = (try freePort(), try freePort(), try freePort())
        self.port = port
        let folder = try TemporaryFolder()
        self.folder = folder
        _ = try folder.write(
            """
            [cache]
            STORAGE_DIR = \(folder.url.path)/
            CONF_DIR = \(folder.url.path)/
            LOG_DIR = \(folder.url.path)/
            PID_DIR = \(folder.url.path)/
            LOCAL_DATA_DIR = \(folder.url.path)/whisper/
            LINE_RECEIVER_INTERFACE = 127.0.0.1
            LINE_RECEIVER_PORT = \(port)
            PICKLE_RECEIVER_INTERFACE = 127.0.0.1
            PICKLE_RECEIVER_PORT = \(pickle)
            CACHE_QUERY_INTERFACE = 127.0.0.1
            CACHE_QUERY_PORT = \(query)
            ENABLE_TAGS = False
            MAX_UPDATES_PER_SECOND = 5000
            MAX_CREATES_PER_MINUTE = inf

            """, to: "carbon.conf")
        _ = try folder.write("[all]\npattern = .*\nretentions = 1s:1h\n", to: "storage-schemas.conf")
        self.process = try ChildProcess(
            "carbon-cache", ["--config=\(folder.file("carbon.conf").path)", "--nodaemon", "start"],
            output: folder.file("log"))
    }

    var log: String { self.folder.text(of: "log") }

    /// The newest value of a path.
    func value(_ path: String) -> Double? {
        let file = self.folder.file("whisper/\(path).wsp").path
        let script = """
            import sys, whisper
            values = [v for v in whisper.fetch(sys.argv[1], 0)[1] if v is not None]
            print(values[-1] if values else "")
            """
        let said = try? Tool.run("/usr/bin/python3", ["-c", script, file])
        return said.flatMap { Double($0.trimmingCharacters(in: .whitespacesAndNewlines)) }
    }
}
