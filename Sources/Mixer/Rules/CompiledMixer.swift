public import Adapting
public import Expressions
public import GatewayConfig

/// What is known of a handler while a configuration is checked: nothing is running yet.
public struct HandlerFacts: Sendable {
    public var adapter: String
    public var templates: TemplateSet
    public var outputs: [RecordColumn]

    public init(adapter: String, templates: TemplateSet, outputs: [RecordColumn]) {
        self.adapter = adapter
        self.templates = templates
        self.outputs = outputs
    }
}

/// A configuration's instances and rules, compiled; handlers are named, not there.
public struct CompiledMixer: Sendable {
    struct Action: Sendable {
        let handler: String
        let instances: [InstancePlan]
    }

    struct Rule: Sendable {
        var match: Expression?
        var actions: [Action] = []
        var sampling: SamplingPlan?
        var requestHeaders = HeaderPlan()
        var responseHeaders = HeaderPlan()
        var allowsOnFailure = false
    }

    let rules: [Rule]
    private let instances: [String: InstancePlan]

    public static let empty = CompiledMixer(rules: [], instances: [:])

    /// Attributes that adapters make for these rules.
    var generated: Set<AttributeID> {
        let instances = self.rules.flatMap(\.actions).flatMap(\.instances)
        return Set(instances.flatMap(\.bindings).map(\.attribute))
    }

    private init(rules: [Rule], instances: [String: InstancePlan]) {
        self.rules = rules
        self.instances = instances
    }

    /// Compiles a configuration's rules, all of them written out.
    ///
    /// - Parameters:
    ///   - handlers: By name; one that is missing has a problem of its own already.
    ///   - old: Whose instances are used again where they are written the same.
    /// - Returns: All problems; with any, nothing of it may be used.
    public static func compile(
        _ configuration: MixerConfiguration, handlers: [String: HandlerFacts],
        manifest: AttributeManifest = StandardAttributes.manifest, keeping old: CompiledMixer = .empty
    ) -> (mixer: CompiledMixer, problems: [ConfigProblem]) {
        var compiler = RuleCompiler(manifest, handlers)
        for instance in configuration.instances {
            let (plan, problems) = InstanceCompiler.compile(
                instance, manifest, keeping: old.instances[instance.name])
            compiler.instances[instance.name] = plan
            compiler.problems += problems
        }
        let rules = configuration.rules.map { compiler.compile($0) }
        return (CompiledMixer(rules: rules, instances: compiler.instances), compiler.problems)
    }
}

/// How many of the requests that match are reported.
struct SamplingPlan: Sendable {
    /// Out of 2^32; nil: all.
    let threshold: UInt64?
    let key: Expression?
    let limit: RateLimit?
}

/// Changes to a message's fields, with values to be evaluated.
struct HeaderPlan: Sendable {
    enum Change: Sendable {
        case set(String, Expression)
        case add(String, Expression)
        case remove(String)
    }
    var changes: [Change] = []
}
