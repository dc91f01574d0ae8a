import Foundation
import PosternSDK
import PosternTestKit
import Statsd
import TestSupport
import Testing

@Suite(.ownThread) struct StatsdTests {
    let host = TestHost()

    func handler(_ receiver: StatsdReceiver, _ more: String = "") throws -> TestHandler {
        try self.host.configure(StatsdAdapter.self, "{ \"address\": \"\(receiver.address)\"\(more) }")
    }

    @Test("Counters tell what was added since the last report, and all again for a series that began anew")
    func counters() throws {
        let receiver = try StatsdReceiver()
        let handler = try self.handler(receiver)
        #expect(handler.report([Metrics.counter(10), Metrics.counter(1.5, code: 503)]).isDelivered)
        #expect(
            try receiver.next(2) == [
                "postern.requests.200.reviews:10|c", "postern.requests.503.reviews:1.5|c",
            ])
        _ = handler.report([Metrics.counter(14), Metrics.counter(1.5, code: 503)])
        _ = handler.report([Metrics.counter(3, start: 2)])
        #expect(
            try receiver.next(2) == ["postern.requests.200.reviews:4|c", "postern.requests.200.reviews:3|c"])
        #expect(receiver.counts["postern.requests.200.reviews"] == 17)
    }

    @Test("Gauges are told as they are; in StatsD a negative one is set by way of zero")
    func gauges() throws {
        let receiver = try StatsdReceiver()
        let handler = try self.handler(receiver, #", "prefix": "edge one""#)
        _ = handler.report([
            Metrics.gauge(0.25), Metrics.gauge(-3, zone: .string("b.c:|@#\n")),
            Metrics.gauge(1, zone: .absent),
        ])
        #expect(
            try receiver.next(4) == [
                "edge_one.load.a:0.25|g", "edge_one.load.b_c_____:0|g", "edge_one.load.b_c_____:-3|g",
                "edge_one.load.unknown:1|g",
            ])
        #expect(receiver.gauges["edge_one.load.b_c_____"] == -3)
    }

    @Test("Histograms are samples with rates that count as many as there were, in milliseconds")
    func samples() throws {
        let receiver = try StatsdReceiver()
        let handler = try self.handler(receiver)
        _ = handler.report([Metrics.histogram([3, 0, 1, 7], sum: 20)])
        #expect(
            try receiver.next(3) == [
                "postern.duration_seconds.reviews:50|ms|@0.3333333333333333",
                "postern.duration_seconds.reviews:1250|ms",
                "postern.duration_seconds.reviews:2000|ms|@0.14285714285714285",
            ])
        #expect(
            receiver.timings["postern.duration_seconds.reviews"].map { ($0 * 1000).rounded() / 1000 } == 11)
        _ = handler.report([Metrics.histogram([3, 1, 1, 7], sum: 20.3)])
        #expect(try receiver.next(1) == ["postern.duration_seconds.reviews:300|ms"])
    }

    @Test("Histograms can be counters, which are exact")
    func histogramCounters() throws {
        let receiver = try StatsdReceiver()
        let handler = try self.handler(receiver, #", "histograms": "counters""#)
        _ = handler.report([Metrics.histogram([3, 0, 1, 7], sum: 20.5)])
        #expect(
            try receiver.next(5) == [
                "postern.duration_seconds.reviews.count:11|c", "postern.duration_seconds.reviews.sum:20.5|c",
                "postern.duration_seconds.reviews.le.0_1:3|c", "postern.duration_seconds.reviews.le.2_0:1|c",
                "postern.duration_seconds.reviews.le.inf:7|c",
            ])
    }

    @Test("DogStatsD has dimensions as tags; what ends a tag is taken out of values")
    func dogstatsd() throws {
        let receiver = try StatsdReceiver(tags: true)
        let handler = try self.handler(receiver, #", "format": "dogstatsd""#)
        _ = handler.report([
            Metrics.counter(2, service: "a,b|c:d"), Metrics.gauge(-1, zone: .absent),
            Metrics.histogram([2, 0, 0, 0], sum: 0.1),
        ])
        #expect(
            try receiver.next(3) == [
                "postern.requests:2|c|#response.code:200,service:a_b_c:d", "postern.load:-1|g",
                "postern.duration_seconds:0.05|h|@0.5|#service:reviews",
            ])
    }

    @Test("Many lines go in packets of whole lines, none longer than allowed")
    func packets() throws {
        let receiver = try StatsdReceiver()
        let handler = try self.handler(receiver, #", "maxPacket": "200B""#)
        let records = (0..<100).map { Metrics.counter(Double($0 + 1), code: Int64($0)) }
        #expect(handler.report(records).isDelivered)
        #expect(try receiver.next(100).count == 100)
        #expect(receiver.counts.count == 100 && receiver.longest <= 200 && receiver.longest > 150)
    }

    @Test("Over TCP each line has its end; a daemon that comes back is told what it missed")
    func tcp() throws {
        let port = try freePort()
        let handler = try self.host.configure(
            StatsdAdapter.self,
            "{ \"address\": \"127.0.0.1:\(port)\", \"transport\": \"tcp\", \"timeout\": \"5s\" }")
        // Nobody is there.
        #expect(handler.report([Metrics.counter(5)]).problem?.contains("refused") == true)
        func run(_ value: Double) throws -> String {
            let backend = try RawBackend(at: "127.0.0.1:\(port)")
            backend.onConnection { connection in while try !connection.readSome().isEmpty {} }
            #expect(handler.report([Metrics.counter(value)]).isDelivered)
            #expect(eventually { backend.receivedCount > 0 })
            defer { backend.dropConnections() }
            return String(decoding: backend.connections[0].received, as: UTF8.self)
        }
        #expect(try run(7) == "postern.requests.200.reviews:7|c\n")
        // The connection is over; it is made anew.
        #expect(try run(9) == "postern.requests.200.reviews:2|c\n")
    }

    @Test("A daemon that takes nothing costs the timeout, and what was not taken comes again")
    func slow() throws {
        let listener = try RawBackend(receiveBuffer: 2048)
        let end = Gate()
        defer { end.open() }
        listener.onConnection { _ in try end.wait() }
        let handler = try self.host.configure(
            StatsdAdapter.self,
            "{ \"address\": \"\(listener.address)\", \"transport\": \"tcp\", \"timeout\": \"100ms\" }")
        let records = (0..<200_000).map { Metrics.counter(1, code: Int64($0)) }
        #expect(handler.report(records).problem?.contains("timed out") == true)
    }

    @Test("Configurations that make no sense are refused with the place")
    func refusals() {
        func why(_ more: String) -> String { problem(StatsdAdapter.self, "{ \"address\": \(more) }") }
        #expect(why("\"a b\"").hasPrefix("/address: must be HOST:PORT"))
        #expect(why(#""a:1", "maxPacket": "1B""#).hasPrefix("/maxPacket: must be 128B"))
        #expect(why(#""a:1", "format": "influx""#).hasPrefix("/format"))
        #expect(why(#""a:1", "timeout": "0s""#).hasPrefix("/timeout: must be a duration from 1ms"))
    }
}
