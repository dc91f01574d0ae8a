import Synchronization
import Telemetry
import Testing

@Suite struct MetricRegistryTests {
    let registry = MetricRegistry(seriesLimit: 100)

    func counter(_ name: String, labels: [String] = []) -> MetricDefinition {
        MetricDefinition(name: name, help: "x", kind: .counter, labels: labels)
    }

    @Test("The same definition gives the same metric and the same series again")
    func same() throws {
        let first = try #require(self.registry.define(self.counter("a", labels: ["l"])))
        let again = try #require(self.registry.define(self.counter("a", labels: ["l"])))
        #expect(self.registry.series(first, ["v"]) == self.registry.series(again, ["v"]))
        #expect(self.registry.series(first, ["v"]) != self.registry.series(first, ["w"]))
    }

    @Test(
        "Refuses definitions that Prometheus would not take",
        arguments: [
            MetricDefinition(name: "", help: "x", kind: .counter),
            MetricDefinition(name: "9a", help: "x", kind: .counter),
            MetricDefinition(name: "a-b", help: "x", kind: .counter),
            MetricDefinition(name: "a", help: "x", kind: .counter, labels: ["le"]),
            MetricDefinition(name: "a", help: "x", kind: .counter, labels: ["l", "l"]),
            MetricDefinition(name: "a", help: "x", kind: .counter, bounds: [1]),
            MetricDefinition(name: "a", help: "x", kind: .histogram),
            MetricDefinition(name: "a", help: "x", kind: .histogram, bounds: [2, 1]),
            MetricDefinition(name: "a", help: "x", kind: .histogram, bounds: Array(1...61)),
            MetricDefinition(name: "a", help: "x", kind: .counter, divisor: 0),
        ])
    func refused(_ definition: MetricDefinition) {
        #expect(self.registry.define(definition) == nil)
    }

    @Test("A name that is taken by another definition is refused, another help text is not")
    func conflict() {
        #expect(self.registry.define(self.counter("a")) != nil)
        #expect(self.registry.define(MetricDefinition(name: "a", help: "x", kind: .gauge)) == nil)
        #expect(self.registry.define(self.counter("a", labels: ["l"])) == nil)
        #expect(self.registry.define(MetricDefinition(name: "a", help: "other", kind: .counter)) != nil)
    }

    @Test("A reading is the sum over all threads' cells")
    func sums() throws {
        let series = self.registry.series(try #require(self.registry.define(self.counter("a"))))
        let cells = [self.registry.makeCells(), self.registry.makeCells()]
        cells[0].add(series, 3)
        cells[1].add(series)
        self.registry.shared.addAtomically(series, 10)
        #expect(self.registry.read("a")?.value == 14)
    }

    @Test("A histogram counts a bound into its own bucket, and what is above all into the last")
    func histogram() throws {
        let definition = MetricDefinition(name: "h", help: "x", kind: .histogram, bounds: [10, 20])
        let metric = try #require(self.registry.define(definition))
        let series = self.registry.series(metric)
        let cells = self.registry.makeCells()
        for value: UInt64 in [0, 10, 11, 20, 21, 1000] { cells.observe(metric.bounds, series, value) }
        cells.observe(metric.bounds, series, 5, weight: 4)
        let reading = try #require(self.registry.read("h"))
        #expect(reading.buckets == [6, 2, 2])
        #expect(reading.value == 1062 + 20)
        #expect(reading.count == 10)
    }

    @Test("Past the limit a series is discarded and counted, and those known still count")
    func limit() throws {
        let metric = try #require(self.registry.define(self.counter("a", labels: ["l"])))
        let known = (0..<100).map { self.registry.series(metric, ["\($0)"]) }
        let refused = self.registry.series(metric, ["100"])
        #expect(refused == .discarded)
        let cells = self.registry.makeCells()
        cells.add(refused)
        cells.add(known[7])
        #expect(self.registry.series(metric, ["7"]) == known[7])
        #expect(self.registry.read("a", ["7"])?.value == 1)
        #expect(self.registry.read("a", ["8"])?.value == 0)
        #expect(self.registry.read("postern_metrics_series_refused_total")?.value == 1)
    }

    @Test("A wrong number of labels and a discarded metric give the discarded series")
    func wrongLabels() throws {
        let metric = try #require(self.registry.define(self.counter("a", labels: ["l"])))
        #expect(self.registry.series(metric, []) == .discarded)
        #expect(self.registry.series(.discarded, []) == .discarded)
    }

    @Test("The series of many histograms do not touch each other, within and across chunks")
    func placement() throws {
        let registry = MetricRegistry()
        let definition = MetricDefinition(
            name: "h", help: "x", kind: .histogram, labels: ["l"], bounds: Array(1...60))
        let metric = try #require(registry.define(definition))
        let cells = registry.makeCells()
        for number in 0..<200 {
            let series = registry.series(metric, ["\(number)"])
            for value in 0...61 {
                cells.observe(metric.bounds, series, UInt64(value), weight: UInt64(number))
            }
        }
        for number in 0..<200 {
            let reading = try #require(registry.read("h", ["\(number)"]))
            #expect(reading.buckets.first == UInt64(2 * number))
            #expect(reading.buckets.dropFirst().allSatisfy { $0 == UInt64(number) })
            #expect(reading.value == UInt64(number * 61 * 31))
        }
    }

    @Test("The series of a group follow one another")
    func group() throws {
        let definition = MetricDefinition(
            name: "h", help: "x", kind: .histogram, labels: ["l"], bounds: [1, 2])
        let first = try #require(self.registry.define(definition))
        let second = try #require(self.registry.define(self.counter("c", labels: ["l"])))
        let group = self.registry.group([first, second], ["v"])
        let cells = self.registry.makeCells()
        cells.add(group.advanced(by: first.cells), 5)
        #expect(self.registry.read("c", ["v"])?.value == 5)
        #expect(self.registry.group([first, second], ["v"]) == group)
        #expect(self.registry.series(second, ["v"]) == group.advanced(by: first.cells))
    }

    @Test("Counts are exact while threads register, count and read at once")
    func concurrent() throws {
        let registry = MetricRegistry()
        let metric = try #require(registry.define(self.counter("a", labels: ["l"])))
        let rounds = 2000
        onThreads(4) { thread in
            let cells = registry.makeCells()
            for round in 0..<rounds {
                cells.add(registry.series(metric, ["\(round % 50)"]))
                registry.shared.addAtomically(registry.series(metric, ["shared"]))
                if round % 500 == thread { _ = registry.read() }
            }
        }
        let family = try #require(registry.read().first { $0.definition.name == "a" })
        #expect(family.series.reduce(0) { $0 + $1.value } == UInt64(2 * 4 * rounds))
        #expect(registry.read("a", ["shared"])?.value == UInt64(4 * rounds))
    }
}
