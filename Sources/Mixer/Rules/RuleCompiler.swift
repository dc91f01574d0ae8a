internal import Adapting
internal import Expressions
internal import GatewayConfig

/// Compiles the rules of a configuration, and gathers what is wrong with them.
struct RuleCompiler {
    private let manifest: AttributeManifest
    private let handlers: [String: HandlerFacts]
    var instances: [String: InstancePlan] = [:]
    /// By handler and metric: the instance that has the name there.
    private var metrics: [String: [String: String]] = [:]
    var problems: [ConfigProblem] = []

    init(_ manifest: AttributeManifest, _ handlers: [String: HandlerFacts]) {
        self.manifest = manifest
        self.handlers = handlers
    }

    mutating func compile(_ rule: MixerRule) -> CompiledMixer.Rule {
        var compiled = CompiledMixer.Rule()
        var reader = ParamReader(self.manifest)
        compiled.match = rule.match.flatMap { reader.compile($0, expecting: [.bool], "`match`") }
        compiled.requestHeaders = Self.headers(rule.requestHeaders, &reader)
        compiled.responseHeaders = Self.headers(rule.responseHeaders, &reader)
        compiled.sampling = rule.sampling.map { Self.sampling($0, &reader) }
        compiled.allowsOnFailure = rule.onFailure == .allow
        self.problems += reader.problems
        compiled.actions = rule.actions.map { self.action($0) }
        return compiled
    }

    private mutating func action(_ action: MixerAction) -> CompiledMixer.Action {
        let instances = action.instances.compactMap { self.instances[$0] }
        for instance in instances { self.check(instance, action) }
        return CompiledMixer.Action(handler: action.handler, instances: instances)
    }

    /// Holds an instance against what the handler takes.
    private mutating func check(_ instance: InstancePlan, _ action: MixerAction) {
        let template = instance.template
        if action.handler == MixerConfiguration.adminHandler {
            if template == .metric { return self.checkName(of: instance, action) }
            self.problem(
                action,
                "handler `admin` takes metrics only, and instance `\(instance.name)` is a \(template.name)")
            return
        }
        guard let handler = self.handlers[action.handler] else { return }
        guard handler.templates.contains(template) else {
            let taken = handler.templates.all.map { "`\($0.name)`" }.joined(separator: ", ")
            self.problem(
                action,
                "adapter `\(handler.adapter)` of handler `\(action.handler)` takes \(taken), and instance "
                    + "`\(instance.name)` is a `\(template.name)`")
            return
        }
        if template == .metric { self.checkName(of: instance, action) }
        for binding in instance.bindings { self.check(binding, of: instance, handler, action) }
    }

    /// Holds a metric's name against the handler's others.
    private mutating func checkName(of instance: InstancePlan, _ action: MixerAction) {
        let name = instance.shape.name
        if action.handler == MixerConfiguration.adminHandler, name.hasPrefix("postern_") {
            self.problem(
                action,
                "instance `\(instance.name)` is the metric `\(name)`, and with handler `admin` names that "
                    + "begin with `postern_` are the gateway's own; give it another `name`")
            return
        }
        let other = self.metrics[action.handler, default: [:]][name]
        self.metrics[action.handler, default: [:]][name] = other ?? instance.name
        guard let other, other != instance.name else { return }
        self.problem(
            action,
            "instances `\(other)` and `\(instance.name)` are both the metric `\(name)` of handler "
                + "`\(action.handler)`; give one another `name`")
    }

    /// Holds what becomes an attribute against what the adapter makes.
    private mutating func check(
        _ binding: AttributeBinding, of instance: InstancePlan, _ handler: HandlerFacts, _ action: MixerAction
    ) {
        guard let output = handler.outputs.first(where: { $0.name == binding.output }) else {
            let hint = Spelling.hint(for: binding.output, among: handler.outputs.map(\.name))
            self.problem(
                action,
                "instance `\(instance.name)` takes `$out.\(binding.output)`, which adapter "
                    + "`\(handler.adapter)` does not make\(hint)")
            return
        }
        // An output of any type is looked at value by value.
        guard output.type != binding.type, output.type != .any else { return }
        let name = self.manifest[binding.attribute].name
        self.problem(
            action,
            "instance `\(instance.name)` makes attribute `\(name)`, which is of type `\(binding.type)`, of "
                + "`$out.\(binding.output)`, which is of type `\(output.type)`")
    }

    private mutating func problem(_ action: MixerAction, _ message: String) {
        self.problems.append(ConfigProblem(action.location, message))
    }

    private static func headers(_ headers: MixerHeaders, _ reader: inout ParamReader) -> HeaderPlan {
        var plan = HeaderPlan(changes: headers.remove.map { .remove($0) })
        for pair in headers.set {
            if let value = reader.compile(pair.value) { plan.changes.append(.set(pair.name, value)) }
        }
        for pair in headers.add {
            if let value = reader.compile(pair.value) { plan.changes.append(.add(pair.name, value)) }
        }
        return plan
    }

    private static func sampling(_ sampling: MixerSampling, _ reader: inout ParamReader) -> SamplingPlan {
        SamplingPlan(
            threshold: sampling.percent.map { UInt64(($0 / 100 * 4_294_967_296).rounded()) },
            key: sampling.key.flatMap { reader.compile($0) },
            limit: sampling.perSecond.map { RateLimit(perSecond: $0) })
    }
}
