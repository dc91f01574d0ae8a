internal import CRE2
internal import Filtering
internal import Primitives

extension RouteTable {
    /// Whether the request meets the conditions with this number.
    @inline(never)
    func hold(_ number: Int32, _ request: HeaderBlock, _ target: RequestTarget) -> Bool {
        let wanted = self.conditions[Int(number)]
        // From cheap to dear.
        guard self.allowsMethod(wanted, request.method) else { return false }
        var index = Int(wanted.firstValue)
        let firstQuery = index + Int(wanted.fieldCount)
        while index < firstQuery {
            guard self.holds(self.valueConditions[index], request) else { return false }
            index += 1
        }
        let end = firstQuery + Int(wanted.queryCount)
        while index < end {
            guard self.holds(self.valueConditions[index], query: target.query) else { return false }
            index += 1
        }
        return wanted.pathPattern < 0 || self.matches(wanted.pathPattern, target.path)
    }

    private func allowsMethod(_ wanted: RuleConditions, _ method: ByteView) -> Bool {
        if wanted.methodCount == 0 { return true }
        let first = Int(wanted.firstMethod)
        for index in first..<first + Int(wanted.methodCount)
        where self.text.view(self.methods[index]) == method {
            return true
        }
        return false
    }

    /// Whether one of the fields of that name meets the condition.
    private func holds(_ condition: ValueCondition, _ request: HeaderBlock) -> Bool {
        let name = self.text.view(condition.name)
        switch condition.source {
        case .authority:
            return self.holds(condition, single: request.authority)
        case .pseudo:
            return self.holds(condition, single: request.first(named: name) ?? .empty)
        case .known:
            guard let first = request.firstIndex(of: condition.id) else { return condition.kind == .absent }
            return self.holds(condition, request, name, from: first)
        case .other:
            return self.holds(condition, request, name, from: 0)
        }
    }

    private func holds(_ condition: ValueCondition, single value: ByteView) -> Bool {
        if condition.kind == .absent || value.isEmpty { return (condition.kind == .absent) == value.isEmpty }
        return self.accepts(condition, value)
    }

    private func holds(
        _ condition: ValueCondition, _ request: HeaderBlock, _ name: ByteView, from start: Int
    ) -> Bool {
        for index in start..<request.count {
            let field = request[index]
            guard field.id == condition.id else { continue }
            if condition.source == .other, !request.name(field).equalsIgnoringCase(name) { continue }
            if condition.kind == .absent { return false }
            if self.accepts(condition, request.value(field)) { return true }
        }
        return condition.kind == .absent
    }

    /// Whether one of the parameters of that name meets the condition.
    private func holds(_ condition: ValueCondition, query: ByteView) -> Bool {
        let name = self.text.view(condition.name)
        var parameters = QueryParameters(query)
        while let parameter = parameters.next() {
            guard FormText.isEqual(parameter.name, name) else { continue }
            if condition.kind == .absent { return false }
            if FormText.withDecoded(parameter.value, { self.accepts(condition, $0) }) { return true }
        }
        return condition.kind == .absent
    }

    private func accepts(_ condition: ValueCondition, _ value: ByteView) -> Bool {
        let wanted = self.text.view(condition.value)
        switch condition.kind {
        case .exact: return value == wanted
        case .prefix: return value.hasPrefix(wanted)
        case .suffix:
            return value.count >= wanted.count && value.dropFirst(value.count - wanted.count) == wanted
        case .contains: return value.contains(wanted)
        case .regex: return self.matches(condition.pattern, value)
        case .present: return true
        case .absent: return false
        }
    }

    private func matches(_ pattern: Int32, _ value: ByteView) -> Bool {
        if pattern == RouteCompiler.refusedPattern { return false }
        return postern_pattern_matches_whole(self.patternHandles[Int(pattern)], value.base, value.count)
    }
}
