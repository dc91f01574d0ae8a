public import GatewayConfig
public import Primitives

/// What a TCP rule may look at.
public struct TCPRequestFacts {
    /// The name that the client asked for by TLS (SNI), in lower case; empty without one.
    public var serverName: ByteView
    /// The application protocols that the client offers or has agreed to (ALPN), each behind a byte with its
    /// length; empty without any.
    public var protocolList: ByteView
    /// Where the client is; nil for a Unix socket.
    public var source: IPAddress?

    public init(serverName: ByteView = .empty, protocolList: ByteView = .empty, source: IPAddress? = nil) {
        self.serverName = serverName
        self.protocolList = protocolList
        self.source = source
    }
}

/// The TCP routes of a configuration, compiled: facts of a connection to a rule.
///
/// Immutable and shared by all workers. Looked up once a connection; the first rule in the order of the file
/// wins.
///
/// - Complexity: O(rules of the listener).
public struct TCPRouteTable: Sendable {
    private struct Rule: Sendable {
        let number: Int
        let match: TCPMatch
    }

    /// By listener.
    private let rules: [[Rule]]
    /// By listener: whether some rule looks at what only a ClientHello tells.
    private let needsHello: [Bool]

    /// - Parameter listeners: In the order in which a listener's index counts them.
    public init(routes: [TCPRouteConfiguration], listeners: [ListenerConfiguration]) {
        var byListener: [[Rule]] = Array(repeating: [], count: listeners.count)
        var number = 0
        for route in routes {
            for rule in route.rules {
                for (index, listener) in listeners.enumerated() where listener.protocol != .http {
                    guard route.listeners?.contains(listener.name) ?? true else { continue }
                    byListener[index].append(Rule(number: number, match: rule.match))
                }
                number += 1
            }
        }
        self.rules = byListener
        self.needsHello = byListener.map {
            $0.contains { !$0.match.serverNames.isEmpty || !$0.match.applicationProtocols.isEmpty }
        }
    }

    /// Whether connections of the listener, where it does not end their TLS, must be looked into before their
    /// rule is known.
    public func needsClientHello(listener: Int) -> Bool { self.needsHello[listener] }

    /// Whether a rule serves the listener at all.
    public func serves(listener: Int) -> Bool { !self.rules[listener].isEmpty }

    /// The number of the rule, counted over all TCP routes in the order of the file; nil: none matches.
    public func rule(listener: Int, _ facts: TCPRequestFacts) -> Int? {
        for rule in self.rules[listener] where rule.match.holds(for: facts) { return rule.number }
        return nil
    }
}

extension TCPMatch {
    fileprivate func holds(for facts: TCPRequestFacts) -> Bool {
        if !self.serverNames.isEmpty,
            !self.serverNames.contains(where: { Self.matches($0, facts.serverName) })
        {
            return false
        }
        if !self.applicationProtocols.isEmpty,
            !self.applicationProtocols.contains(where: { Self.isListed($0, in: facts.protocolList) })
        {
            return false
        }
        guard !self.sourceAddresses.isEmpty else { return true }
        guard let source = facts.source else { return false }
        return self.sourceAddresses.contains { $0.contains(source) }
    }

    /// `*` takes every name, `*.` and a domain the names below it.
    private static func matches(_ pattern: String, _ name: ByteView) -> Bool {
        if name.isEmpty { return false }
        return pattern.withByteView { pattern in
            guard pattern[0] == 0x2A else { return pattern == name }
            let suffix = pattern.dropFirst(1)
            return suffix.isEmpty
                || name.count > suffix.count && name.dropFirst(name.count - suffix.count) == suffix
        }
    }

    private static func isListed(_ name: String, in list: ByteView) -> Bool {
        name.withByteView { name in
            var rest = list
            while !rest.isEmpty {
                let length = Int(rest[0])
                guard rest.count > length else { return false }
                if rest[1..<1 + length] == name { return true }
                rest = rest.dropFirst(1 + length)
            }
            return false
        }
    }
}
