import Adapting
import Telemetry
import Testing

@testable import Mixer

@Suite struct ReportTests {
    func bag(_ path: String, code: Int64 = 200) -> TestBag {
        let bag = TestBag()
        bag.texts = ["request.path": path, "context.protocol": "http"]
        bag.numbers = ["response.code": code, "request.size": 7]
        return bag
    }

    @Test("Requests are counted by the values of a metric's dimensions, where the rule matches")
    func counts() throws {
        let rig = try RuleRig(
            """
            defaults: none
            instances:
              - name: hits
                template: metric
                params: { dimensions: { path: request.path, code: string(response.code), fixed: '"x"' } }
              - name: bytes
                template: metric
                params:
                  value: request.size
                  dimensions: { path: request.path, code: string(response.code), fixed: '"x"' }
            rules: [{ match: response.code < 500, actions: [{ handler: admin, instances: [hits, bytes] }] }]
            """, [])
        for path in ["/a", "/b", "/a"] { rig.mixer.report(self.bag(path), time: 0, now: 0) }
        rig.mixer.report(self.bag("/a", code: 503), time: 0, now: 0)
        #expect(rig.registry.read("hits", ["/a", "200", "x"])?.value == 2)
        #expect(rig.registry.read("bytes", ["/a", "200", "x"])?.value == 14)
        #expect(rig.registry.read("hits", ["/b", "200", "x"])?.value == 1)
        #expect(rig.registry.read("hits", ["/a", "503", "x"]) == nil)
    }

    @Test("Values beyond the limit of series are counted nowhere, and say so")
    func limit() throws {
        let text = """
            defaults: none
            instances: [{ name: hits, template: metric, params: { dimensions: { path: request.path } } }]
            rules: [{ actions: [{ handler: admin, instances: [hits] }] }]
            """
        let rig = try RuleRig(text, [])
        for number in 0..<25_000 { rig.mixer.report(self.bag("/\(number)"), time: 0, now: 0) }
        #expect((rig.registry.read("postern_metrics_series_refused_total")?.value ?? 0) > 4000)
    }

    @Test("Sampling by a key takes all requests of it or none, and about the share that was asked for")
    func sampling() throws {
        let rig = try RuleRig(
            """
            defaults: none
            instances: [{ name: hits, template: metric, params: { dimensions: { path: request.path } } }]
            rules:
              - sampling: { percent: 25, key: request.path }
                actions: [{ handler: admin, instances: [hits] }]
            """, [])
        for _ in 1...2 { for path in 0..<1000 { rig.mixer.report(self.bag("/\(path)"), time: 0, now: 0) } }
        let counts = (0..<1000).compactMap { rig.registry.read("hits", ["/\($0)"])?.value }
        #expect(counts.allSatisfy { $0 == 2 })
        #expect((180...320).contains(counts.count))
    }

    @Test("Requests without the sampling's key are taken by chance, each for itself")
    func samplingWithoutKey() throws {
        let rig = try RuleRig(
            """
            defaults: none
            instances: [{ name: hits, template: metric }]
            rules:
              - sampling: { percent: 25, key: source.uid }
                actions: [{ handler: admin, instances: [hits] }]
            """, [])
        for _ in 1...2000 { rig.mixer.report(self.bag("/"), time: 0, now: 0) }
        let count = rig.registry.read("hits", [])?.value ?? 0
        #expect((350...650).contains(count))
    }

    @Test("A limit a second lets so many pass in each second")
    func perSecond() throws {
        let rig = try RuleRig(
            """
            defaults: none
            instances: [{ name: hits, template: metric }]
            rules: [{ sampling: { perSecond: 3 }, actions: [{ handler: admin, instances: [hits] }] }]
            """, [])
        for _ in 1...10 { rig.mixer.report(self.bag("/"), time: 0, now: 1_500_000_000) }
        for _ in 1...2 { rig.mixer.report(self.bag("/"), time: 0, now: 2_000_000_000) }
        #expect(rig.registry.read("hits", [])?.value == 5)
    }

    @Test("What is wrong with instances and rules is said at once, with its place")
    func problems() throws {
        let facts = [
            "file": HandlerFacts(adapter: "file", templates: TemplateSet([.logentry]), outputs: [])
        ]
        let problems = try RuleRig.problems(
            """
            handlers: [{ name: file, adapter: file }]
            instances:
              - name: line
                template: logentry
                params: { variables: { code: response.cod }, colour: '"red"' }
              - { name: hits, template: metric, params: { value: request.path, kind: gauges } }
              - { name: all, template: checknothing }
            rules:
              - { match: request.path, actions: [{ handler: file, instances: [all] }] }
              - { match: 'request.path ==', actions: [{ handler: file, instances: [line] }] }
            """, facts)
        #expect(
            problems == [
                "mixer.instances[0].params.variables.code: in the expression, column 1: unknown attribute "
                    + "'response.cod'; did you mean 'response.code'?",
                "mixer.instances[0].params.colour: unknown key `colour`; "
                    + "known: severity, timestamp, variables",
                "mixer.instances[1].params.value: `value` must be of type `int` or `double` or "
                    + "`duration`, and `request.path` is `string`",
                "mixer.instances[1].params.kind: must be counter, gauge, histogram, got \"gauges\"",
                "mixer.rules[0].match: `match` must be of type `bool`, and `request.path` is `string`",
                "mixer.rules[0].actions[0]: adapter `file` of handler `file` takes `logentry`, and instance "
                    + "`all` is a `checknothing`",
                "mixer.rules[1].match: in the expression, column 16: expected an expression, found "
                    + "the end of the expression",
            ])
    }
}
