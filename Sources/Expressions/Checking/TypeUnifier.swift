/// Finds what the type variables of an expression stand for.
///
/// `dyn` goes with everything. A variable that met `int` and then `dyn` stands for `dyn`: of two types that
/// go with each other, the more general one wins.
struct TypeUnifier {
    private var substitutions: [ExpressionType?] = []

    mutating func fresh() -> ExpressionType {
        self.substitutions.append(nil)
        return .variable(self.substitutions.count - 1)
    }

    /// The type with its known variables replaced; one that is not known yet stays.
    func resolve(_ type: ExpressionType) -> ExpressionType {
        switch type {
        case .variable(let index):
            guard let known = self.substitutions[index] else { return type }
            return self.resolve(known)
        case .list(let element): return .list(self.resolve(element))
        case .map(let key, let value): return .map(self.resolve(key), self.resolve(value))
        case .type(let of): return .type(of.map { self.resolve($0) })
        case .opaque(let name, let parameters): return .opaque(name, parameters.map { self.resolve($0) })
        default: return type
        }
    }

    /// As ``resolve(_:)``; variables that are still free are `dyn`.
    func final(_ type: ExpressionType) -> ExpressionType {
        switch self.resolve(type) {
        case .variable, .failure: .dyn
        case .list(let element): .list(self.final(element))
        case .map(let key, let value): .map(self.final(key), self.final(value))
        case .type(let of): .type(of.map { self.final($0) })
        case .opaque(let name, let parameters): .opaque(name, parameters.map { self.final($0) })
        case let other: other
        }
    }

    /// The signature with variables of its own in place of its parameters.
    mutating func instance(_ signature: Signature) -> (parameters: [ExpressionType], result: ExpressionType) {
        var variables: [String: ExpressionType] = [:]
        let parameters = signature.parameters.map { self.instance($0, &variables) }
        return (parameters, self.instance(signature.result, &variables))
    }

    private mutating func instance(
        _ type: ExpressionType, _ variables: inout [String: ExpressionType]
    ) -> ExpressionType {
        switch type {
        case .parameter(let name):
            if let known = variables[name] { return known }
            let variable = self.fresh()
            variables[name] = variable
            return variable
        case .list(let element): return .list(self.instance(element, &variables))
        case .map(let key, let value):
            return .map(self.instance(key, &variables), self.instance(value, &variables))
        case .type(let of): return .type(of.map { self.instance($0, &variables) })
        case .opaque(let name, let parameters):
            return .opaque(name, parameters.map { self.instance($0, &variables) })
        default: return type
        }
    }

    /// Whether values of `actual` may stand where `wanted` is; variables learn from it. Nothing is learned
    /// when not.
    mutating func unify(_ wanted: [ExpressionType], _ actual: [ExpressionType]) -> Bool {
        guard wanted.count == actual.count else { return false }
        let before = self.substitutions
        for (one, other) in zip(wanted, actual) where !self.matches(one, other) {
            self.substitutions = before
            return false
        }
        return true
    }

    private mutating func matches(_ wanted: ExpressionType, _ actual: ExpressionType) -> Bool {
        if case .variable(let index) = wanted { return self.bind(index, actual) }
        if case .variable(let index) = actual { return self.bind(index, wanted) }
        switch (wanted, actual) {
        case (.dyn, _), (_, .dyn), (.failure, _), (_, .failure): return true
        case (.list(let one), .list(let other)): return self.matches(one, other)
        case (.map(let key, let value), .map(let otherKey, let otherValue)):
            return self.matches(key, otherKey) && self.matches(value, otherValue)
        case (.type, .type): return true
        case (.wrapper(let one), .wrapper(let other)): return one == other
        case (.wrapper(let one), let other), (let other, .wrapper(let one)):
            return one == other || other == .null
        case (.opaque(let name, let parameters), .opaque(let otherName, let others)):
            guard name == otherName, parameters.count == others.count else { return false }
            for (one, other) in zip(parameters, others) where !self.matches(one, other) { return false }
            return true
        case (.null, let other), (let other, .null): return other == .null || Self.isNullable(other)
        default: return wanted == actual
        }
    }

    /// Null may stand for these, as for messages.
    private static func isNullable(_ type: ExpressionType) -> Bool {
        switch type {
        case .timestamp, .duration, .opaque: true
        default: false
        }
    }

    private mutating func bind(_ index: Int, _ type: ExpressionType) -> Bool {
        let type = self.resolve(type)
        if type == .variable(index) { return true }
        guard let known = self.substitutions[index] else {
            guard !Self.mentions(type, index) else { return false }
            self.substitutions[index] = type
            return true
        }
        if case .variable(let other) = known { return self.bind(other, type) }
        guard self.matches(known, type) else { return false }
        if !Self.mentions(type, index) { self.substitutions[index] = self.moreGeneral(known, type) }
        return true
    }

    private static func mentions(_ type: ExpressionType, _ index: Int) -> Bool {
        switch type {
        case .variable(let other): other == index
        case .list(let element): Self.mentions(element, index)
        case .map(let key, let value): Self.mentions(key, index) || Self.mentions(value, index)
        case .type(let of): of.map { Self.mentions($0, index) } ?? false
        case .opaque(_, let parameters): parameters.contains { Self.mentions($0, index) }
        default: false
        }
    }

    /// The type of a list's elements when it has one of `one` and one of `other`.
    mutating func join(_ one: ExpressionType, _ other: ExpressionType) -> ExpressionType {
        self.unify([one], [other]) ? self.moreGeneral(one, other) : .dyn
    }

    /// Of two types that go with each other, the one that takes more.
    private func moreGeneral(_ one: ExpressionType, _ other: ExpressionType) -> ExpressionType {
        let (one, other) = (self.resolve(one), self.resolve(other))
        return Self.isAsGeneral(one, other) ? one : other
    }

    private static func isAsGeneral(_ one: ExpressionType, _ other: ExpressionType) -> Bool {
        switch (one, other) {
        case (.dyn, _), (.variable, _), (.failure, _): true
        case (_, .dyn), (_, .variable), (_, .failure): false
        case (.list(let element), .list(let otherElement)): Self.isAsGeneral(element, otherElement)
        case (.map(let key, let value), .map(let otherKey, let otherValue)):
            Self.isAsGeneral(key, otherKey) && Self.isAsGeneral(value, otherValue)
        case (.type(let of?), .type(let otherOf?)): Self.isAsGeneral(of, otherOf)
        case (.opaque(_, let parameters), .opaque(_, let others)):
            zip(parameters, others).allSatisfy { Self.isAsGeneral($0, $1) }
        case (_, .wrapper): one == other
        case (.null, _): other == .null
        default: true
        }
    }
}
