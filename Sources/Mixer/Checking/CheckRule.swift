internal import Adapting
internal import Expressions
internal import GatewayConfig

/// What one rule asks before a request goes to its service, and changes in it.
final class CheckRule: Sendable {
    let match: Expression?
    let steps: ContiguousArray<CheckStep>
    let requestHeaders: HeaderPlan
    let responseHeaders: HeaderPlan
    let allowsOnFailure: Bool
    /// Whether it changes fields of requests or responses.
    let changesFields: Bool

    var isEmpty: Bool { self.steps.isEmpty && !self.changesFields }

    init(
        _ rule: CompiledMixer.Rule, _ handlers: [String: LiveHandler], _ available: Set<AttributeID>
    ) {
        self.match = rule.match
        self.requestHeaders = rule.requestHeaders
        self.responseHeaders = rule.responseHeaders
        self.allowsOnFailure = rule.allowsOnFailure
        self.changesFields = !rule.requestHeaders.changes.isEmpty || !rule.responseHeaders.changes.isEmpty
        self.steps = ContiguousArray(
            rule.actions.flatMap { action in
                action.instances.compactMap { instance in
                    guard instance.template.variety != .report, let live = handlers[action.handler] else {
                        return nil
                    }
                    return CheckStep(instance, live, available)
                }
            })
    }
}

/// One instance that a handler is asked about. Its identity is the key of what is remembered of its answers.
final class CheckStep: Sendable {
    let instance: InstancePlan
    let live: LiveHandler
    let fields: FieldPlan
    /// Of the template `attributes`: the output of each binding.
    let outputs: [(binding: AttributeBinding, output: Int)]
    /// No other step of the process has it.
    let number: UInt64

    init(_ instance: InstancePlan, _ live: LiveHandler, _ available: Set<AttributeID>) {
        self.instance = instance
        self.live = live
        self.fields = FieldPlan(instance.fields, available: available)
        self.outputs = instance.bindings.compactMap { binding in
            live.handler.outputs.firstIndex { $0.name == binding.output }.map { (binding, $0) }
        }
        self.number = StepNumbers.next()
    }
}
