import Primitives
import Telemetry
import Testing

@Suite struct FilterTimesTests {
    let registry = MetricRegistry()

    @Test("Calls and errors are exact, one exchange in sixteen is timed and weighs as many")
    func sampling() throws {
        let metrics = FilterMetrics(self.registry)
        let random = RandomSource(seed: (1, 2, 3, 4))
        let times = FilterTimes(metrics, self.registry.makeCells(), random: random)
        let series = metrics.series(filter: "f", phases: ["request_head", nil, "complete"])
        let exchanges = 100_000
        var timed = 0
        for exchange in 0..<exchanges {
            let isTimed = times.begin()
            if isTimed { timed += 1 }
            times.stop(series[0], times.start(isTimed))
            times.stop(series[2], times.start(isTimed))
            if exchange % 100 == 0 { times.failed(series[2]) }
        }
        #expect(
            self.registry.read("postern_filter_calls_total", ["f", "request_head"])?.value
                == UInt64(exchanges))
        #expect(
            self.registry.read("postern_filter_calls_total", ["f", "complete"])?.value == UInt64(exchanges))
        #expect(self.registry.read("postern_filter_errors_total", ["f", "complete"])?.value == 1000)
        #expect(self.registry.read("postern_filter_errors_total", ["f", "request_head"])?.value == 0)
        let duration = try #require(
            self.registry.read("postern_filter_duration_seconds", ["f", "request_head"]))
        #expect(duration.count == UInt64(timed * 16))
        #expect(duration.value > 0)
        #expect((97_000...103_000).contains(duration.count))
    }

    @Test("Phases without a label have no series, and calls in them are harmless")
    func absentPhase() {
        let metrics = FilterMetrics(self.registry)
        let times = FilterTimes(metrics, self.registry.makeCells())
        let series = metrics.series(filter: "f", phases: ["request_head"])
        times.stop(series[1], 0)
        times.stop(FilterSeries.discarded[0], times.start(true))
        #expect(self.registry.read("postern_filter_calls_total", ["f", "request_head"])?.value == 0)
    }

    @Test("A reload that adds phases keeps what was counted")
    func phasesAreAdded() {
        let metrics = FilterMetrics(self.registry)
        let times = FilterTimes(metrics, self.registry.makeCells())
        times.stop(metrics.series(filter: "f", phases: ["a"])[0], 0)
        let later = metrics.series(filter: "f", phases: ["a", "b"])
        times.stop(later[0], 0)
        times.stop(later[1], 0)
        #expect(self.registry.read("postern_filter_calls_total", ["f", "a"])?.value == 2)
        #expect(self.registry.read("postern_filter_calls_total", ["f", "b"])?.value == 1)
    }
}

@Suite struct FilterDefinedMetricsTests {
    let registry = MetricRegistry()

    @Test("Filters define metrics under their own label; the same definition gives the same number")
    func define() throws {
        let metrics = FilterDefinedMetrics(self.registry)
        let cells = self.registry.makeCells()
        func counter(_ filter: String) -> UInt32? {
            metrics.define(filter: filter, name: "denied_total", help: "x", kind: .counter, bounds: [])
        }
        let first = try #require(counter("a"))
        #expect(counter("a") == first)
        metrics.add(first, 2, in: cells)
        metrics.add(try #require(counter("b")), 5, in: cells)
        let size = try #require(
            metrics.define(filter: "a", name: "size", help: "x", kind: .histogram, bounds: [10, 20]))
        metrics.observe(size, 15, in: cells)
        let level = try #require(
            metrics.define(filter: "a", name: "level", help: "x", kind: .gauge, bounds: []))
        metrics.set(level, 9, in: cells)
        #expect(self.registry.read("postern_filter_denied_total", ["a"])?.value == 2)
        #expect(self.registry.read("postern_filter_denied_total", ["b"])?.value == 5)
        #expect(self.registry.read("postern_filter_size", ["a"])?.buckets == [0, 1, 0])
        #expect(self.registry.read("postern_filter_level", ["a"])?.value == 9)
    }

    @Test("A handler's metrics have another name and label, and count from any thread")
    func handlers() throws {
        let metrics = FilterDefinedMetrics(self.registry)
        func define(_ name: String, _ kind: MetricKind, _ bounds: [UInt64] = []) throws -> UInt32 {
            try #require(metrics.define(handler: "h", name: name, help: "x", kind: kind, bounds: bounds))
        }
        let (sent, level) = (try define("sent_total", .counter), try define("level", .gauge))
        let size = try define("size", .histogram, [10, 20])
        #expect(metrics.define(filter: "h", name: "level", help: "x", kind: .counter, bounds: []) != level)
        metrics.addAtomically(sent, 2)
        metrics.setAtomically(level, 9)
        metrics.observeAtomically(size, 15)
        metrics.observeAtomically(sent, 15)
        metrics.addAtomically(size, 1)
        #expect(self.registry.read("postern_adapter_sent_total", ["h"])?.value == 2)
        #expect(self.registry.read("postern_adapter_level", ["h"])?.value == 9)
        #expect(self.registry.read("postern_adapter_size", ["h"])?.buckets == [0, 1, 0])
        #expect(self.registry.read("postern_adapter_size", ["h"])?.value == 15)
    }

    @Test("Malformed names, another kind and other bounds are refused")
    func refused() {
        let metrics = FilterDefinedMetrics(self.registry)
        func define(_ name: String, _ kind: MetricKind, _ bounds: [UInt64] = []) -> UInt32? {
            metrics.define(filter: "f", name: name, help: "x", kind: kind, bounds: bounds)
        }
        #expect(define("Denied", .counter) == nil)
        #expect(define("", .counter) == nil)
        #expect(define("_a", .counter) == nil)
        #expect(define("a", .counter) != nil)
        #expect(define("a", .gauge) == nil)
        #expect(define("h", .histogram) == nil)
        #expect(define("h", .histogram, [1]) != nil)
        #expect(define("h", .histogram, [2]) == nil)
    }

    @Test("Numbers never given and the wrong kind of call do nothing")
    func wrongUse() throws {
        let metrics = FilterDefinedMetrics(self.registry)
        let cells = self.registry.makeCells()
        let counter = try #require(
            metrics.define(filter: "f", name: "c", help: "x", kind: .counter, bounds: []))
        metrics.observe(counter, 1, in: cells)
        metrics.set(counter, 1, in: cells)
        metrics.add(77, 1, in: cells)
        metrics.add(.max, 1, in: cells)
        #expect(self.registry.read("postern_filter_c", ["f"])?.value == 0)
    }
}
