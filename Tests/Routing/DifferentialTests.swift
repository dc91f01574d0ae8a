import Filtering
import GatewayConfig
import Primitives
import Routing
import Testing

/// Random tables and requests over a small vocabulary, so that rules overlap often.
@Suite struct DifferentialTests {
    @Test("The compiled table finds what a plain reading of the rules finds", arguments: 1...8)
    func agreesWithNaiveMatcher(seed: UInt64) throws {
        var vocabulary = Vocabulary(random: RandomSource(seed: (seed, 1, 2, 3)))
        var hits = 0
        var patterns: [String: LinearRegex] = [:]
        for pattern in Vocabulary.patterns { patterns[pattern] = try LinearRegex(pattern) }
        for _ in 0..<250 {
            let routes = vocabulary.routes()
            let table = RouteTable.compile(routes: routes, listenerNames: Vocabulary.listeners).table
            let naive = NaiveMatcher(routes: routes, patterns: patterns)
            for _ in 0..<20 {
                let request = vocabulary.request()
                let listener = Int.random(in: 0..<Vocabulary.listeners.count, using: &vocabulary.random)
                let query = request.query.map { "\($0.0)=\($0.1)" }.joined(separator: "&")
                let block = makeRequest(
                    query.isEmpty ? request.path : "\(request.path)?\(query)", host: request.host,
                    method: request.method, headers: request.headers
                )
                let found = table.match(block, listener: listener)
                let expected = naive.match(request, listener: Vocabulary.listeners[listener])
                #expect(found == expected, "\(request) on \(listener) of \(routes)")
                if found >= 0 { hits += 1 }
            }
        }
        #expect(hits > 1_000, "the vocabulary must produce matches, not only misses")
    }
}

struct Vocabulary {
    static let listeners = ["public", "private"]
    static let patterns = ["/a/.*", "/[ab]", ".*/b", "/(abcdefgh|a).*", "[0-9]{2}"]
    var random: RandomSource

    private mutating func chance(_ percent: Int) -> Bool {
        Int.random(in: 0..<100, using: &self.random) < percent
    }

    private mutating func one(_ words: [String]) -> String {
        words[Int.random(in: 0..<words.count, using: &self.random)]
    }

    private mutating func path() -> String {
        let depth = Int.random(in: 0...3, using: &self.random)
        let segments = (0..<depth).map { _ in self.one(["a", "b", "abcdefgh", "abcdefghi", ""]) }
        return "/" + segments.joined(separator: "/")
    }

    private mutating func host() -> String {
        self.one(["a.b.c", "b.c", "x.b.c", "x.y.b.c", "c", "other", "y.c"])
    }

    mutating func request() -> NaiveMatcher.Request {
        let pairs = { (names: [String], this: inout Vocabulary) in
            (0..<Int.random(in: 0...3, using: &this.random)).map { _ in
                (this.one(names), this.one(["1", "12", "2"]))
            }
        }
        return NaiveMatcher.Request(
            host: self.host(), method: self.one(["GET", "PUT"]), path: self.path(),
            query: pairs(["q", "r"], &self), headers: pairs(["x-a", "accept"], &self)
        )
    }

    mutating func routes() -> [RouteConfiguration] {
        (0..<Int.random(in: 1...6, using: &self.random)).map { _ in
            let hosts = (0..<Int.random(in: 1...3, using: &self.random)).map { _ in
                self.chance(50) ? self.host() : self.one(["*", "*.c", "*.b.c", "*.y.b.c"])
            }
            let listeners = self.chance(70) ? nil : [self.one(Self.listeners)]
            let rules = (0..<Int.random(in: 1...6, using: &self.random)).map { _ in self.match() }
            return RouteConfiguration(hosts: hosts, listeners: listeners, rules)
        }
    }

    private mutating func match() -> RuleMatch {
        var match = RuleMatch()
        switch Int.random(in: 0..<10, using: &self.random) {
        case 0: match.path = nil
        case 1...4:
            let path = self.path()
            match.path = .prefix(path.count > 1 && path.hasSuffix("/") ? path + "a" : path)
        case 5...7: match.path = .exact(self.path())
        default: match.path = .regex(self.one(Self.patterns))
        }
        if self.chance(20) { match.methods = [self.one(["GET", "PUT"])] }
        if self.chance(25) { match.headers = [NamedMatch(self.one(["x-a", "accept"]), self.value())] }
        if self.chance(20) { match.query = [NamedMatch(self.one(["q", "r"]), self.value())] }
        return match
    }

    private mutating func value() -> ValueMatch {
        switch Int.random(in: 0..<7, using: &self.random) {
        case 0: .exact(self.one(["1", "12"]))
        case 1: .prefix("1")
        case 2: .suffix("2")
        case 3: .contains("2")
        case 4: .regex("[0-9]{2}")
        case 5: .present
        default: .absent
        }
    }
}
