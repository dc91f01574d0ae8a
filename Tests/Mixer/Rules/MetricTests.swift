import Adapting
import CPosternABI
import Telemetry
import Testing

@testable import Mixer

@Suite struct MetricTests {
    func bag(_ path: String, size: Int64 = 7) -> TestBag {
        let bag = TestBag()
        bag.texts = ["request.path": path]
        bag.numbers = ["request.size": size]
        return bag
    }

    /// Two rules, of which the second counts one of the two metrics that the first counts.
    func twoRules(_ handler: String, size: String = "request.size", help: String = "first") -> String {
        """
        defaults: none
        handlers: [{ name: h, adapter: fake }]
        instances:
          - { name: hits, template: metric, params: { dimensions: { path: request.path } } }
          - name: bytes
            template: metric
            params: { value: \(size), help: \(help), dimensions: { path: request.path } }
        rules:
          - match: request.path != "/b"
            actions: [{ handler: \(handler), instances: [hits, bytes] }]
          - match: request.path != "/a"
            actions: [{ handler: \(handler), instances: [hits] }]
        """
    }

    static func text(_ bytes: postern_bytes) -> String {
        String(decoding: UnsafeBufferPointer(start: bytes.ptr, count: bytes.len), as: UTF8.self)
    }

    /// What a handler gets of its series: the shape's number and the value by name and label.
    func collect(_ series: HandlerSeries?) -> [String: (shape: UInt32, value: Double)] {
        var all: [String: (shape: UInt32, value: Double)] = [:]
        series?.collect { record in
            guard let shape = record.pointee.shape, let value = record.pointee.series else { return }
            let name = Self.text(shape.pointee.name)
            let label = Self.text(record.pointee.values[0].bytes)
            all[name + label] = (shape.pointee.number, value.pointee.value)
        }
        return all
    }

    @Test("An instance is one metric, whichever rules count it with which others, and over reloads")
    func oneMetric() throws {
        var rig = try RuleRig(self.twoRules("admin"), [])
        for round in UInt64(1)...3 {
            for path in ["/a", "/b", "/c"] { rig.mixer.report(self.bag(path), time: 0, now: 0) }
            #expect(rig.registry.read("hits", ["/a"])?.value == round)
            #expect(rig.registry.read("hits", ["/b"])?.value == round)
            #expect(rig.registry.read("hits", ["/c"])?.value == 2 * round)
            #expect(rig.registry.read("bytes", ["/a"])?.value == 7 * round)
            #expect(rig.registry.read("bytes", ["/b"]) == nil)
            let more = "\n  - { match: request.size > \(round), requestHeaders: { remove: [x-a] } }"
            try rig.reload(self.twoRules("admin") + more)
        }
    }

    @Test("A rule with two actions that name an instance for one handler counts it once")
    func namedTwice() throws {
        let rig = try RuleRig(
            """
            defaults: none
            instances: [{ name: hits, template: metric }]
            rules:
              - actions: [{ handler: admin, instances: [hits] }, { handler: admin, instances: [hits] }]
            """, [])
        rig.mixer.report(self.bag("/"), time: 0, now: 0)
        #expect(rig.registry.read("hits", [])?.value == 1)
    }

    @Test("With other values a metric counts on, and the handler sees the shape that it knows")
    func sameShape() throws {
        var rig = try RuleRig(self.twoRules("h"), [AskedHandler("h", [.metric])])
        rig.mixer.report(self.bag("/a"), time: 0, now: 0)
        let before = self.collect(rig.series(of: "h"))
        #expect(before.mapValues(\.value) == ["hits/a": 1, "bytes/a": 7])
        try rig.reload(self.twoRules("h", size: "request.size + 1"))
        rig.mixer.report(self.bag("/a"), time: 0, now: 0)
        let after = self.collect(rig.series(of: "h"))
        #expect(after.mapValues(\.value) == ["hits/a": 2, "bytes/a": 15])
        #expect(after.mapValues(\.shape) == before.mapValues(\.shape))
    }

    @Test("A metric that looks otherwise begins anew, as another shape, and leaves the others alone")
    func otherShape() throws {
        var rig = try RuleRig(self.twoRules("h"), [AskedHandler("h", [.metric])])
        rig.mixer.report(self.bag("/a"), time: 0, now: 0)
        let before = self.collect(rig.series(of: "h"))
        try rig.reload(self.twoRules("h", help: "second"))
        rig.mixer.report(self.bag("/a"), time: 0, now: 0)
        let after = self.collect(rig.series(of: "h"))
        #expect(after.mapValues(\.value) == ["hits/a": 2, "bytes/a": 7])
        #expect(after["hits/a"]?.shape == before["hits/a"]?.shape)
        #expect(after["bytes/a"]?.shape != before["bytes/a"]?.shape)
    }

    @Test("A configuration that does not come into force changes no metric")
    func refused() throws {
        var rig = try RuleRig(self.twoRules("h"), [AskedHandler("h", [.metric])])
        rig.mixer.report(self.bag("/a"), time: 0, now: 0)
        try rig.refuse(self.twoRules("h", help: "second"))
        rig.mixer.report(self.bag("/a"), time: 0, now: 0)
        #expect(self.collect(rig.series(of: "h")).mapValues(\.value) == ["hits/a": 2, "bytes/a": 14])
        try rig.reload(self.twoRules("h", size: "request.size * 2"))
        rig.mixer.report(self.bag("/a"), time: 0, now: 0)
        #expect(self.collect(rig.series(of: "h")).mapValues(\.value) == ["hits/a": 3, "bytes/a": 28])
    }

    @Test("A gauge shows the last value, whichever worker it came to")
    func gauge() throws {
        let rig = try RuleRig(
            """
            defaults: none
            instances:
              - name: size
                template: metric
                params: { kind: gauge, value: request.size, dimensions: { path: request.path } }
            rules: [{ actions: [{ handler: admin, instances: [size] }] }]
            """, [])
        let other = rig.makeWorker()
        rig.mixer.report(self.bag("/a", size: 7), time: 0, now: 0)
        #expect(rig.registry.read("size", ["/a"])?.value == 7)
        other.report(self.bag("/a", size: 9), time: 0, now: 0)
        #expect(rig.registry.read("size", ["/a"])?.value == 9)
        rig.mixer.report(self.bag("/a", size: 5), time: 0, now: 0)
        #expect(rig.registry.read("size", ["/a"])?.value == 5)
    }

    @Test("A value that is the same for every request counts, whether it is written out or stands in")
    func constants() throws {
        let rig = try RuleRig(
            """
            defaults: none
            instances:
              - { name: one, template: metric, params: { value: "1" } }
              - { name: half, template: metric, params: { value: 0.5 } }
              - { name: unknown, template: metric, params: { value: 'quota.cache_hit | false ? 1 : 3' } }
              - { name: sizes, template: metric, params: { value: "4", kind: histogram, bounds: [3, 5] } }
            rules: [{ actions: [{ handler: admin, instances: [one, half, unknown, sizes] }] }]
            """, [])
        for _ in 1...2 { rig.mixer.report(self.bag("/"), time: 0, now: 0) }
        #expect(rig.registry.read("one", [])?.value == 2)
        #expect(rig.registry.read("half", [])?.value == 1_000_000)
        #expect(rig.registry.read("unknown", [])?.value == 6)
        #expect(rig.registry.read("sizes", [])?.buckets == [0, 2, 0])
    }

    @Test("However many histograms have the same dimensions, each is counted, and nothing beside them")
    func manyCells() throws {
        let names = (0..<8).map { "h\($0)" }
        let bounds = (1...60).map { "\($0)" }.joined(separator: ", ")
        let histograms = names.map {
            """
              - name: \($0)
                template: metric
                params: { kind: histogram, value: request.size, bounds: [\(bounds)] }
            """
        }
        let rig = try RuleRig(
            """
            defaults: none
            instances:
              - { name: hits, template: metric, params: { dimensions: { path: request.path } } }
            \(histograms.joined(separator: "\n"))
            rules:
              - actions: [{ handler: admin, instances: [hits, \(names.joined(separator: ", "))] }]
            """, [])
        for size in Int64(1)...60 {
            rig.mixer.report(self.bag("/\(size)", size: size), time: 0, now: 0)
        }
        for size in 1...60 { #expect(rig.registry.read("hits", ["/\(size)"])?.value == 1) }
        for name in names {
            let reading = rig.registry.read(name, [])
            #expect(reading?.value == UInt64(60 * 61 / 2))
            #expect(reading?.buckets == Array(repeating: 1, count: 60) + [0])
        }
        #expect(rig.registry.read("postern_metrics_series_refused_total")?.value == 0)
    }

    @Test("The standard bounds go with every unit", arguments: ["ns", "us", "ms", "s"])
    func standardBounds(unit: String) throws {
        let rig = try RuleRig(
            """
            defaults: none
            instances:
              - name: took
                template: metric
                params: { kind: histogram, value: 'duration("2s")', unit: \(unit) }
            rules: [{ actions: [{ handler: admin, instances: [took] }] }]
            """, [])
        rig.mixer.report(self.bag("/"), time: 0, now: 0)
        #expect(rig.registry.read("took", [])?.count == 1)
    }

    @Test("Bounds that cannot be counted or told apart are refused, and what is allowed is said")
    func bounds() throws {
        func problem(_ params: String) throws -> [String] {
            try RuleRig.problems(
                """
                defaults: none
                instances: [{ name: h, template: metric, params: { kind: histogram, \(params) } }]
                """)
        }
        let place = "mixer.instances[0].params.bounds: "
        let rule = "bounds must be at least a step apart and at most"
        #expect(
            try problem("value: request.size, bounds: [1, 1e20]") == [
                place + "this metric counts in steps of 1: \(rule) 9223372036854775807, got [1,1e+20]"
            ])
        #expect(
            try problem("value: response.duration, unit: s, bounds: [1e11]") == [
                place + "this metric counts in steps of 0.000000001: \(rule) 9223372036, got [100000000000.0]"
            ])
        #expect(
            try problem("value: double(request.size), bounds: [1e14]") == [
                place + "this metric counts in steps of 0.000001: \(rule) 9223372036854, "
                    + "got [100000000000000.0]"
            ])
        #expect(
            try problem("value: request.size, bounds: [0.0001, 0.0002]") == [
                place + "this metric counts in steps of 0.001: \(rule) 9223372036854775, got [0.0001,0.0002]"
            ])
        #expect(try problem("value: response.duration, unit: ns, bounds: [0.5, 1]").count == 1)
        #expect(try problem("value: request.size, bounds: [9223372036854775807]") == [])
        #expect(try problem("value: request.size, bounds: [0.5, 1, 1.5]") == [])
        let numbers = "must be a list of 1...60 ascending numbers that are not negative"
        for bounds in ["[]", "[2, 1]", "[1, 1]", "[-1]", "[a]", "1"] {
            #expect(try problem("value: request.size, bounds: \(bounds)") == [place + numbers])
        }
    }

    @Test("Names are refused that are empty, the gateway's own, or another instance's with the same handler")
    func names() throws {
        let facts = [
            "h": HandlerFacts(adapter: "fake", templates: TemplateSet([.metric]), outputs: [])
        ]
        let problems = try RuleRig.problems(
            """
            handlers: [{ name: h, adapter: fake }]
            instances:
              - { name: a, template: metric, params: { name: hits } }
              - { name: b-c, template: metric }
              - { name: b.c, template: metric }
              - { name: hits, template: metric }
              - { name: own, template: metric, params: { name: postern_config_generation } }
              - { name: none, template: metric, params: { name: "", dimensions: { "": request.path } } }
            rules:
              - { actions: [{ handler: admin, instances: [a, b-c, own] }, { handler: h, instances: [own] }] }
              - { actions: [{ handler: h, instances: [hits, b-c] }] }
              - { actions: [{ handler: admin, instances: [a] }, { handler: admin, instances: [hits, b.c] }] }
            """, facts)
        #expect(
            problems == [
                "mixer.instances[5].params.name: a metric's name must match [a-zA-Z_][a-zA-Z0-9_]*, got \"\"",
                "mixer.instances[5].params.dimensions[\"\"]: a dimension's name must match "
                    + "[a-zA-Z_][a-zA-Z0-9_]* and not be `le`",
                "mixer.rules[0].actions[0]: instance `own` is the metric `postern_config_generation`, and "
                    + "with handler `admin` names that begin with `postern_` are the gateway's own; give it "
                    + "another `name`",
                "mixer.rules[2].actions[1]: instances `a` and `hits` are both the metric `hits` of handler "
                    + "`admin`; give one another `name`",
                "mixer.rules[2].actions[1]: instances `b-c` and `b.c` are both the metric `b_c` of handler "
                    + "`admin`; give one another `name`",
            ])
    }
}
