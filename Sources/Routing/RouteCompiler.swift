internal import Filtering
internal import GatewayConfig
internal import Primitives

/// Turns the routes of a configuration into the parts of a ``RouteTable``.
struct RouteCompiler {
    private let routes: [RouteConfiguration]
    private let listenerNames: [String]
    private(set) var problems: [ConfigProblem] = []

    private var parts = RouteTableParts()
    /// The number of each route's first rule.
    private var firstRules: [Int] = []
    private var conditionsOfRule: [Int32] = []
    private var patternNumbers: [String: Int32] = [:]
    /// The number of the index for the rules of these routes.
    private var indexNumbers: [[Int]: Int32] = [:]
    private var paths: [(index: Int32, path: Text, lists: PathLists)] = []
    private var coverage: CoverageCheck

    /// The rules of one configured path, in file order.
    private struct PathLists {
        var prefixes: [Int32] = []
        var exacts: [Int32] = []
    }

    init(routes: [RouteConfiguration], listenerNames: [String]) {
        self.routes = routes
        self.listenerNames = listenerNames
        self.coverage = CoverageCheck(routes: routes)
    }

    mutating func compile() -> RouteTableParts {
        self.numberRules()
        self.compileScopes()
        self.placePaths()
        let references = self.parts.references
        self.problems += self.coverage.warnings(references)
        return self.parts
    }

    // MARK: Rules

    private mutating func numberRules() {
        for (number, route) in self.routes.enumerated() {
            self.firstRules.append(self.parts.references.count)
            for (position, rule) in route.rules.enumerated() {
                self.parts.references.append(RuleReference(route: number, rule: position))
                self.conditionsOfRule.append(self.compile(rule))
            }
        }
    }

    /// The number of the rule's conditions; -1 when it has none beside an exact path or a prefix.
    private mutating func compile(_ rule: RuleConfiguration) -> Int32 {
        let match = rule.match
        var compiled = RuleConditions(
            pathPattern: -1, firstMethod: Int32(self.parts.methods.count),
            methodCount: Int32(match.methods.count),
            firstValue: Int32(self.parts.valueConditions.count), fieldCount: Int32(match.headers.count),
            queryCount: Int32(match.query.count)
        )
        if case .regex(let pattern) = match.path { compiled.pathPattern = self.pattern(pattern, rule) }
        for method in match.methods { self.parts.methods.append(self.parts.add(method)) }
        for field in match.headers { self.add(field, isField: true, rule) }
        for parameter in match.query { self.add(parameter, isField: false, rule) }
        if compiled.pathPattern < 0, match.methods.isEmpty, match.headers.isEmpty, match.query.isEmpty {
            return -1
        }
        self.parts.conditions.append(compiled)
        return Int32(self.parts.conditions.count - 1)
    }

    private mutating func add(_ condition: NamedMatch, isField: Bool, _ rule: RuleConfiguration) {
        let name = isField ? condition.name.lowercased() : condition.name
        let id = isField ? name.withByteView(HeaderID.of) : .other
        var pattern: Int32 = -1
        if case .regex(let text) = condition.value { pattern = self.pattern(text, rule) }
        self.parts.valueConditions.append(
            ValueCondition(
                kind: condition.value.kind, source: ValueCondition.source(ofField: name, id), id: id,
                name: self.parts.add(name), value: self.parts.add(condition.value.text), pattern: pattern
            )
        )
    }

    /// Stands for an expression that RE2 refused; nothing matches it.
    static var refusedPattern: Int32 { .max }

    private mutating func pattern(_ text: String, _ rule: RuleConfiguration) -> Int32 {
        if let known = self.patternNumbers[text] { return known }
        let number = Int32(self.parts.patterns.count)
        do {
            self.parts.patterns.append(try LinearRegex(text))
        } catch {
            self.problems.append(ConfigProblem(rule.location, "`\(text)` is no regular expression: \(error)"))
            return Self.refusedPattern
        }
        self.patternNumbers[text] = number
        return number
    }

    // MARK: Hosts

    private mutating func compileScopes() {
        var numbers: [[Int]: Int32] = [:]
        for name in self.listenerNames {
            let served = self.routes.indices.filter { self.routes[$0].listeners?.contains(name) ?? true }
            if numbers[served] == nil {
                numbers[served] = Int32(self.parts.scopes.count)
                self.compileScope(served)
            }
            self.parts.scopeOfListener.append(numbers[served] ?? 0)
        }
    }

    private mutating func compileScope(_ served: [Int]) {
        var routesOfHost: [String: [Int]] = [:]
        var hosts: [String] = []
        for route in served {
            for host in self.routes[route].hosts.map(RequestHost.normalized) {
                if routesOfHost[host]?.last == route { continue }
                if routesOfHost[host] == nil { hosts.append(host) }
                routesOfHost[host, default: []].append(route)
            }
        }
        var slots = [HostSlot](repeating: .free, count: Self.capacity(hosts.count))
        let mask = UInt32(slots.count - 1)
        var scope = Scope(
            firstSlot: Int32(self.parts.hostSlots.count), slotMask: mask, anyHost: -1, hasWildcards: false
        )
        for host in hosts {
            let index = self.index(of: routesOfHost[host] ?? [])
            if host == "*" {
                scope.anyHost = index
                continue
            }
            let isWildcard = host.hasPrefix("*.")
            scope.hasWildcards = scope.hasWildcards || isWildcard
            let name = isWildcard ? String(host.dropFirst()) : host
            let hash = name.withByteView { isWildcard ? Self.suffixHash($0) : TextHash.host($0) }
            var position = HostSlot.tag(hash) & mask
            while slots[Int(position)].index >= 0 { position = (position + 1) & mask }
            slots[Int(position)] = HostSlot(
                hash: HostSlot.tag(hash), index: index, name: self.parts.add(name))
        }
        self.parts.scopes.append(scope)
        self.parts.hostSlots += slots
    }

    private static func suffixHash(_ name: ByteView) -> UInt64 {
        var hash = TextHash.suffixSeed
        for index in stride(from: name.count - 1, through: 0, by: -1) {
            hash = TextHash.suffix(hash, name[index])
        }
        return hash
    }

    /// Slots for so many entries: a power of two, at most half of them taken, so that every search ends.
    private static func capacity(_ count: Int) -> Int {
        var capacity = 2
        while capacity < 2 * count { capacity *= 2 }
        return capacity
    }

    // MARK: Paths

    /// The number of the index for the rules of these routes.
    private mutating func index(of routes: [Int]) -> Int32 {
        if let known = self.indexNumbers[routes] { return known }
        let number = Int32(self.parts.indexes.count)
        self.indexNumbers[routes] = number
        var root: [Int32] = []
        var pathless: [Int32] = []
        var lists: [String: PathLists] = [:]
        var order: [String] = []
        for route in routes {
            for position in self.routes[route].rules.indices {
                let rule = Int32(self.firstRules[route] + position)
                switch RulePath(self.routes[route].rules[position].match.path) {
                case .any, .regex:
                    root.append(rule)
                    pathless.append(rule)
                case .prefix("/"):
                    root.append(rule)
                case .prefix(let path):
                    if lists[path] == nil { order.append(path) }
                    lists[path, default: PathLists()].prefixes.append(rule)
                case .exact(let path):
                    if lists[path] == nil { order.append(path) }
                    lists[path, default: PathLists()].exacts.append(rule)
                case .none:
                    continue
                }
            }
        }
        var index = HostIndex(
            seed: HostIndex.seed(Int(number)), depths: 0, root: self.candidates(root),
            pathless: self.candidates(pathless)
        )
        for path in order {
            index.depths |= HostIndex.depthBit(path.utf8.count { $0 == 0x2F })
            self.paths.append((number, self.parts.add(path), lists[path] ?? PathLists()))
        }
        self.parts.indexes.append(index)
        self.coverage.check(host: routes)
        return number
    }

    private mutating func candidates(_ rules: [Int32]) -> CandidateList {
        let first = self.parts.candidates.count
        for rule in rules {
            self.parts.candidates.append(Candidate(rule: rule, conditions: self.conditionsOfRule[Int(rule)]))
        }
        return CandidateList(first: UInt32(first), count: UInt32(rules.count))
    }

    private mutating func placePaths() {
        self.parts.pathSlots = [PathSlot](repeating: .free, count: Self.capacity(self.paths.count))
        for (index, path, lists) in self.paths {
            let (start, length) = (Int(path.start), Int(path.length))
            let seed = HostIndex.seed(Int(index))
            let hash = Array(self.parts.text[start..<start + length]).withByteView { path in
                var segments = PathSegments(path, seed: seed)
                while segments.advance() {}
                return segments.hash
            }
            let prefixes = self.candidates(lists.prefixes)
            let exacts = self.candidates(lists.exacts)
            let mask = UInt64(self.parts.pathSlots.count - 1)
            var position = hash & mask
            while self.parts.pathSlots[Int(position)].index >= 0 { position = (position + 1) & mask }
            self.parts.pathSlots[Int(position)] = PathSlot(
                hash: hash, index: index, path: path, first: prefixes.first, prefixCount: prefixes.count,
                exactCount: exacts.count
            )
        }
    }
}
