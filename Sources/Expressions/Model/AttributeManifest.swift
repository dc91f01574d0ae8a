/// Which attributes there are, by their dotted names, and of which types.
///
/// Names are resolved longest first: with `request.headers` declared, `request.headers.host` is that map's
/// entry `host` unless an attribute of the longer name is declared too.
public struct AttributeManifest: Sendable {
    /// One attribute.
    public struct Entry: Sendable, Hashable {
        public let name: String
        public let type: ExpressionType
    }

    /// A function that is known to the type checker alone, for expressions that are only checked.
    struct DeclaredFunction: Sendable {
        let name: String
        let signature: Signature
    }

    /// By id.
    public private(set) var entries: [Entry] = []
    private var ids: [String: AttributeID] = [:]
    var functions: [DeclaredFunction] = []
    /// Where relative names are looked up first: `a.b` makes `x` mean `a.b.x`, `a.x` or `x`.
    public var container = ""

    public init() {}

    public init(_ attributes: [(name: String, type: AttributeType)]) {
        for attribute in attributes { self.declare(attribute.name, attribute.type) }
    }

    /// Adds an attribute; one of that name keeps its id and gets the new type.
    @discardableResult
    public mutating func declare(_ name: String, _ type: AttributeType) -> AttributeID {
        self.declare(name, type.expressionType)
    }

    /// As above, with any type.
    @discardableResult
    public mutating func declare(_ name: String, _ type: ExpressionType) -> AttributeID {
        if let known = self.ids[name] {
            self.entries[Int(known.rawValue)] = Entry(name: name, type: type)
            return known
        }
        let id = AttributeID(rawValue: UInt32(self.entries.count))
        self.ids[name] = id
        self.entries.append(Entry(name: name, type: type))
        return id
    }

    /// Makes a function known to the type checker. Evaluating it is an error.
    public mutating func declareFunction(
        _ name: String, isMember: Bool, parameters: [ExpressionType], result: ExpressionType
    ) {
        let signature = Signature(isMember: isMember, parameters: parameters, result: result)
        self.functions.append(DeclaredFunction(name: name, signature: signature))
    }

    public func id(_ name: String) -> AttributeID? { self.ids[name] }
    public subscript(id: AttributeID) -> Entry { self.entries[Int(id.rawValue)] }
}
