/// Builds the tree of one YAML document from libyaml's events.
///
/// Aliases are expanded, within a bound; tags, merge keys (`<<`) and further documents are refused. Plain
/// scalars mean what YAML 1.2's core schema says: `yes` is a text.
struct YAMLReader {
    private let events: YAMLEvents
    private var anchors: [String: ConfigNode] = [:]
    private var aliasedNodes = 0
    var builder: ConfigBuilder

    init(_ bytes: [UInt8], builder: ConfigBuilder) {
        self.events = YAMLEvents(bytes)
        self.builder = builder
    }

    /// The one value of the text; null when it is empty.
    mutating func document() throws(ConfigSyntaxError) -> ConfigNode {
        var root: ConfigNode?
        while true {
            let event = try self.events.next()
            switch event.kind {
            case .streamStart, .documentEnd: continue
            case .documentStart where root != nil:
                throw ConfigSyntaxError(
                    Self.location(event, ""), "the file must hold one YAML document, got another")
            case .documentStart: root = try self.node(from: try self.events.next(), path: "", depth: 0)
            default: return root ?? ConfigNode(.null, at: ConfigLocation(path: "", line: 1, column: 1))
            }
        }
    }

    private mutating func node(
        from event: YAMLEvent, path: String, depth: Int
    ) throws(ConfigSyntaxError) -> ConfigNode {
        let location = Self.location(event, path)
        try self.builder.count(at: location)
        if event.hasTag { throw ConfigSyntaxError(location, "YAML tags are not supported") }
        let node: ConfigNode
        switch event.kind {
        case .alias(let name): return try self.expand(name, at: location, depth: depth)
        case .scalar(let text, let isPlain):
            node = ConfigNode(try Self.scalar(text, isPlain: isPlain, at: location), at: location)
        case .sequenceStart:
            node = ConfigNode(.array(try self.sequence(at: location, depth: depth + 1)), at: location)
        case .mappingStart:
            node = ConfigNode(.object(try self.mapping(at: location, depth: depth + 1)), at: location)
        default: throw ConfigSyntaxError(location, "expected a value")
        }
        if let anchor = event.anchor { self.anchors[anchor] = node }
        return node
    }

    private mutating func sequence(at location: ConfigLocation, depth: Int) throws(ConfigSyntaxError)
        -> [ConfigNode]
    {
        try self.builder.checkDepth(depth, at: location)
        var elements: [ConfigNode] = []
        while true {
            let event = try self.events.next()
            if case .sequenceEnd = event.kind { return elements }
            let path = ConfigPath.element(location.path, elements.count)
            elements.append(try self.node(from: event, path: path, depth: depth))
        }
    }

    private mutating func mapping(
        at location: ConfigLocation, depth: Int
    ) throws(ConfigSyntaxError) -> [ConfigNode.Member] {
        try self.builder.checkDepth(depth, at: location)
        var members: [ConfigNode.Member] = []
        while true {
            let event = try self.events.next()
            if case .mappingEnd = event.kind { return self.builder.withoutRepeatedKeys(members) }
            var keyLocation = Self.location(event, location.path)
            guard case .scalar(let key, let isPlain) = event.kind, !event.hasTag, event.anchor == nil else {
                throw ConfigSyntaxError(keyLocation, "a key must be a plain or quoted text")
            }
            if isPlain, key == "<<" {
                throw ConfigSyntaxError(keyLocation, "YAML merge keys are not supported")
            }
            try self.builder.checkKey(key, at: keyLocation)
            if key.utf8.contains(0) { throw ConfigSyntaxError(keyLocation, "a key must not hold U+0000") }
            keyLocation.path = ConfigPath.member(location.path, key)
            let value = try self.node(from: try self.events.next(), path: keyLocation.path, depth: depth)
            members.append(ConfigNode.Member(key, value, keyLocation: keyLocation))
        }
    }

    // MARK: Aliases

    /// A copy of the anchor's value: with the alias's path, and the lines and columns where it is written.
    private mutating func expand(
        _ name: String, at location: ConfigLocation, depth: Int
    ) throws(ConfigSyntaxError) -> ConfigNode {
        guard let anchored = self.anchors[name] else {
            throw ConfigSyntaxError(location, "no anchor `\(name)` stands before this alias")
        }
        return try self.copy(anchored, path: location.path, depth: depth, alias: location)
    }

    private mutating func copy(
        _ node: ConfigNode, path: String, depth: Int, alias: ConfigLocation
    ) throws(ConfigSyntaxError) -> ConfigNode {
        self.aliasedNodes += 1
        if self.aliasedNodes > ConfigLimits.aliasedNodes {
            throw ConfigSyntaxError(alias, "aliases repeat more than \(ConfigLimits.aliasedNodes) values")
        }
        try self.builder.count(at: alias)
        try self.builder.checkDepth(depth, at: alias)
        var copy = node
        copy.location.path = path
        switch node.value {
        case .array(let elements):
            var copies: [ConfigNode] = []
            for (index, element) in elements.enumerated() {
                let elementPath = ConfigPath.element(path, index)
                copies.append(try self.copy(element, path: elementPath, depth: depth + 1, alias: alias))
            }
            copy.value = .array(copies)
        case .object(let members):
            var copies: [ConfigNode.Member] = []
            for member in members {
                var moved = member
                moved.keyLocation.path = ConfigPath.member(path, member.key)
                moved.value = try self.copy(
                    member.value, path: moved.keyLocation.path, depth: depth + 1, alias: alias)
                copies.append(moved)
            }
            copy.value = .object(copies)
        case .null, .bool, .integer, .number, .string, .secret: break
        }
        return copy
    }

    // MARK: Scalars

    private static func scalar(
        _ text: String, isPlain: Bool, at location: ConfigLocation
    ) throws(ConfigSyntaxError) -> ConfigNode.Value {
        if text.utf8.contains(0) { throw ConfigSyntaxError(location, "a text must not hold U+0000") }
        guard isPlain else { return .string(text) }
        guard let value = YAMLScalar.value(of: text) else {
            throw ConfigSyntaxError(location, "a number must be finite, got \(text)")
        }
        return value
    }

    private static func location(_ event: YAMLEvent, _ path: String) -> ConfigLocation {
        ConfigLocation(path: path, line: event.line, column: event.column)
    }
}
