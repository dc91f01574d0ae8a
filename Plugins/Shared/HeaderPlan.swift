public import PosternSDK

/// What a configuration does to one head: `remove`, `rename`, then `set`, then `add`.
public struct HeaderChanges: Decodable, Sendable {
    let set: [String: String]?
    let add: [String: String]?
    let remove: [String]?
    /// Old names and new ones.
    let rename: [String: String]?
}

/// The changes to one head, ready to be made.
public struct HeaderPlan: Sendable {
    private struct Step: Sendable {
        let name: HeaderName
        let value: ValueTemplate
    }

    private var removals: [HeaderName] = []
    private var sets: [Step] = []
    private var additions: [Step] = []
    private var renamings: [(old: HeaderName, new: HeaderName)] = []

    /// Whether nothing is changed.
    public var isEmpty: Bool {
        self.removals.isEmpty && self.sets.isEmpty && self.additions.isEmpty && self.renamings.isEmpty
    }

    /// - Parameter pointer: JSON pointer to the changes.
    /// - Throws: ``ConfigProblem`` for a name or value that no header can have, or a name in both `set` and
    ///   `remove`.
    public init(
        _ changes: HeaderChanges?, at pointer: String, host: borrowing FilterHost
    ) throws(ConfigProblem) {
        guard let changes else { return }
        for (old, new) in (changes.rename ?? [:]).sorted(by: { $0.key < $1.key }) {
            let place = "\(pointer)/rename/\(old)"
            self.renamings.append(
                (try host.headerName(old, at: place), try host.headerName(new, at: place)))
        }
        for (index, name) in (changes.remove ?? []).enumerated() {
            self.removals.append(try host.headerName(name, at: "\(pointer)/remove/\(index)"))
        }
        self.sets = try Self.steps(changes.set, at: "\(pointer)/set", host: host)
        self.additions = try Self.steps(changes.add, at: "\(pointer)/add", host: host)
        for step in self.sets where self.removals.contains(step.name) {
            throw ConfigProblem("\(pointer)/remove", "names a header that is also in set")
        }
    }

    private static func steps(
        _ fields: [String: String]?, at pointer: String, host: borrowing FilterHost
    ) throws(ConfigProblem) -> [Step] {
        var steps: [Step] = []
        // Sorted, so that the same configuration gives the same order of fields every time.
        for (name, value) in (fields ?? [:]).sorted(by: { $0.key < $1.key }) {
            let place = "\(pointer)/\(name)"
            steps.append(
                Step(
                    name: try host.headerName(name, at: place),
                    value: try ValueTemplate(value, at: place, host: host)
                )
            )
        }
        return steps
    }

    /// Removes, renames, sets and adds, in this order.
    public func apply<Head: FieldSection & ~Copyable>(to head: inout Head) throws(FieldError) {
        for name in self.removals { head.removeHeader(name) }
        for (old, new) in self.renamings {
            // A copy, because the host may move the section's bytes while it sets the other field.
            guard let value = head.text(old) else { continue }
            head.removeHeader(old)
            try head.setHeader(new, value)
        }
        for step in self.sets {
            if let text = step.value.literal {
                try head.setHeader(step.name, text)
            } else {
                try head.setHeader(step.name, step.value.text(for: head))
            }
        }
        for step in self.additions {
            if let text = step.value.literal {
                try head.addHeader(step.name, text)
            } else {
                try head.addHeader(step.name, step.value.text(for: head))
            }
        }
    }
}
