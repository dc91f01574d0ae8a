import Edge
import Foundation
import PluginNet
import PosternSDK
import PosternTestKit
import TestSupport
import Testing

@Suite(.ownThread) struct EdgeTests {
    let host = TestHost()
    static let columns = [
        "timestamp", "sourceUid", "sourceOwner", "sourceWorkloadName", "sourceWorkloadNamespace",
        "destinationUid", "destinationOwner", "destinationWorkloadName", "destinationWorkloadNamespace",
        "destinationServiceName", "contextProtocol", "apiProtocol", "responseCode", "duration",
    ]

    func call(_ source: String, _ service: String, status: Int64 = 200, milliseconds: Int64 = 10)
        -> TestRecord
    {
        TestRecord(
            TestShape(.edge, name: "graph", columns: Self.columns),
            [
                .timestamp(1_700_000_000_000_000_000), .absent, .absent, .string(source), .string("shop"),
                .absent, .absent, .string("\(service)-v1"), .string("shop"), .string(service),
                .string("http"), .string("http/1.1"), .int64(status), .duration(milliseconds * 1_000_000),
            ])
    }

    struct Graph: Decodable {
        struct End: Decodable { let workload: String?; let namespace: String? }
        struct Latency: Decodable { let p50, p90, p99: Double }
        struct Edge: Decodable {
            let source, destination: End
            let service: String
            let requests, errors, clientErrors: Int
            let rate, errorRate: Double
            let latency: Latency
            let lastSeen: String
        }
        let window: String
        let edges: [Edge]
    }

    func fetch(_ port: Int, _ path: String = "/graph") throws -> HTTPAnswer {
        let url = try #require(HTTPURL("http://127.0.0.1:\(port)\(path)"))
        var client = HTTPClient(url, timeout: .seconds(10))
        return try client.send("GET")
    }

    @Test(
        "The graph says who calls whom, how often and how fast, with which errors; by HTTP and in a file"
    )
    func graph() throws {
        let folder = try TemporaryFolder()
        let port = try freePort()
        let handler = try self.host.configure(
            EdgeAdapter.self,
            """
            { "address": "127.0.0.1:\(port)", "file": "\(folder.file("graph.json").path)",
              "writeInterval": "0s", "window": "10m" }
            """)
        var calls = (0..<90).map { _ in self.call("web", "reviews") }
        calls += (0..<8).map { _ in self.call("web", "reviews", status: 503, milliseconds: 100) }
        calls += (0..<2).map { _ in self.call("web", "reviews", status: 404, milliseconds: 1000) }
        calls += [self.call("reviews", "ratings", milliseconds: 0)]
        #expect(handler.report(calls).isDelivered)
        handler.tick()
        let answer = try self.fetch(port)
        #expect(answer.status == 200 && answer.field("content-type") == "application/json")
        let graph = try JSONDecoder().decode(Graph.self, from: Data(answer.body))
        #expect(graph.window == "600s" && graph.edges.map(\.service) == ["reviews", "ratings"])
        let edge = try #require(graph.edges.first)
        #expect(edge.source.workload == "web" && edge.destination.workload == "reviews-v1")
        #expect(edge.requests == 100 && edge.errors == 8 && edge.clientErrors == 2 && edge.errorRate == 0.08)
        #expect((10...11.3).contains(edge.latency.p50) && (10...11.3).contains(edge.latency.p90))
        #expect((1000...1130).contains(edge.latency.p99) && edge.lastSeen == "2023-11-14T22:13:20.000Z")
        let file = try Data(contentsOf: folder.file("graph.json"))
        #expect(try JSONDecoder().decode(Graph.self, from: file).edges.count == 2)
        #expect(try self.fetch(port, "/other").status == 404)
    }

    @Test("Calls count for a window, and no longer")
    func window() {
        var graph = EdgeGraph(window: 12_000, limit: 10)
        let key = EdgeKey(
            source: EdgeEnd(workload: "a"), destination: EdgeEnd(workload: "b"), service: "b")
        func add(_ now: Int64) {
            let isAdded = graph.add(EdgeCall(key: key, status: 200, duration: 1, time: now), now: now)
            #expect(isAdded)
        }
        for now in stride(from: Int64(100_000), to: 112_000, by: 1000) { add(now) }
        #expect(graph.numbers(now: 111_999).map(\.requests) == [12])
        #expect(graph.numbers(now: 112_000).map(\.requests) == [11])
        #expect(graph.numbers(now: 122_999).map(\.requests) == [1])
        #expect(graph.numbers(now: 123_000).isEmpty)
        add(500_000)
        #expect(graph.numbers(now: 500_000).map(\.requests) == [1])
    }

    @Test("Percentiles are off by an eighth at most")
    func percentiles() {
        var sketch = LatencySketch()
        for microseconds in stride(from: Int64(1), through: 100_000, by: 7) {
            sketch.add(microseconds * 1000)
        }
        for quantile in [0.01, 0.1, 0.5, 0.9, 0.99, 1] {
            let exact = 100_000 * quantile
            let told = Double(sketch.microseconds(at: quantile) ?? -1)
            #expect((exact - 8...exact * 1.126 + 8).contains(told), "\(quantile): \(told)")
        }
        #expect(LatencySketch().microseconds(at: 0.5) == nil)
    }

    @Test("Edges beyond the limit are left out and counted; those of long ago make room")
    func limit() throws {
        let handler = try self.host.configure(
            EdgeAdapter.self, #"{ "file": "/tmp/never", "maxEdges": 2, "writeInterval": "1h" }"#)
        let calls = ["a", "b", "c", "a"].map { self.call($0, "x") }
        #expect(handler.report(calls).isDelivered)
        #expect(self.host.metric("edge_left_out_total") == 1)
        var graph = EdgeGraph(window: 1000, limit: 1)
        func add(_ name: String, _ now: Int64) -> Bool {
            let key = EdgeKey(source: EdgeEnd(workload: name), destination: EdgeEnd(), service: "")
            return graph.add(EdgeCall(key: key, status: 0, duration: 0, time: now), now: now)
        }
        #expect(add("a", 0) && !add("b", 500) && add("b", 2000))
    }

    @Test("A new handler of the same address takes over from the old one, whichever ends first")
    func takeover() throws {
        let port = try freePort()
        let config = "{ \"address\": \"127.0.0.1:\(port)\" }"
        var old: TestHandler? = try self.host.configure(EdgeAdapter.self, config)
        old?.tick()
        #expect(try self.fetch(port).status == 200)
        let other = config.replacing("}", with: ", \"path\": \"/new\" }")
        var new: TestHandler? = try self.host.configure(EdgeAdapter.self, other)
        new?.tick()
        #expect(try self.fetch(port, "/new").status == 200)
        #expect(try self.fetch(port).status == 404)
        old = nil
        #expect(try self.fetch(port, "/new").status == 200)
        new = nil
        #expect(throws: NetError.self) { try self.fetch(port, "/new") }
        #expect(self.host.log.allSatisfy { $0.level != .error })
    }

    @Test("An address that is taken is said once, and tried again")
    func taken() throws {
        let squatter = try RawBackend()
        let handler = try self.host.configure(EdgeAdapter.self, #"{ "address": "\#(squatter.address)" }"#)
        handler.tick()
        handler.tick()
        #expect(self.host.log.filter { $0.message.contains("Address already in use") }.count == 1)
    }

    @Test("Configurations that make no sense are refused with the place")
    func refusals() {
        #expect(problem(EdgeAdapter.self, "{}").hasPrefix("shows the graph nowhere"))
        #expect(
            problem(EdgeAdapter.self, #"{ "address": "0.0.0.0:1" }"#)
                == "/address: must be a loopback address, got '0.0.0.0:1'")
        #expect(
            problem(EdgeAdapter.self, #"{ "address": "localhost" }"#).hasPrefix(
                "/address: must be an address"))
        #expect(problem(EdgeAdapter.self, #"{ "file": "x" }"#).hasPrefix("/file: must be an absolute path"))
        #expect(
            problem(EdgeAdapter.self, #"{ "file": "/x", "window": "1ms" }"#) == "/window: must be 1s...24h")
        #expect(
            problem(EdgeAdapter.self, #"{ "file": "/x", "maxEdges": 0 }"#).hasPrefix("/maxEdges: must be"))
    }
}
