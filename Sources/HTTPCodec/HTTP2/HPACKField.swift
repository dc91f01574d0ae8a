internal import Filtering
public import Primitives

/// One decoded field, as the table holds it: a line of HTTP/1, and what was found out about it once.
public struct HPACKField {
    /// `name ": " value CRLF`.
    @usableFromInline let line: ByteView
    let nameLength: Int
    let valueLength: Int
    let facts: HPACKFieldFacts

    public var name: ByteView { self.line.slice(from: 0, to: self.nameLength) }
    public var value: ByteView {
        self.line.slice(from: self.nameLength &+ 2, to: self.nameLength &+ 2 &+ self.valueLength)
    }
}

/// What is known of a field by itself, wherever it stands (RFC 9113, 8.2 and 8.3). Found out when it comes as
/// a literal, and not again when it comes by its index.
struct HPACKFieldFacts: BitwiseCopyable {
    enum Kind: UInt8 {
        case field, method, scheme, authority, path, `protocol`, status
        /// Begins with ":" and is none of them.
        case unknownPseudo
    }

    let id: HeaderID
    let kind: Kind
    let isNameGood: Bool
    let isValueGood: Bool

    init(_ name: ByteView, _ value: ByteView) {
        if !name.isEmpty, name[0] == ASCII.colon {
            self.id = .other
            self.kind = Self.pseudo(name)
            self.isNameGood = true
        } else {
            self.id = HeaderID.of(name)
            self.kind = .field
            self.isNameGood = !name.isEmpty && HTTP2Syntax.isName(name, isKnown: self.id != .other)
        }
        self.isValueGood = Self.isGood(value, self.kind)
    }

    /// Of a field that we send.
    init(id: HeaderID) {
        self.id = id
        self.kind = .field
        self.isNameGood = true
        self.isValueGood = true
    }

    /// The same name's with another value.
    init(_ name: Self, _ value: ByteView) {
        self.id = name.id
        self.kind = name.kind
        self.isNameGood = name.isNameGood
        self.isValueGood = Self.isGood(value, name.kind)
    }

    private static func pseudo(_ name: ByteView) -> Kind {
        switch name.count {
        case 5 where name == ":path": .path
        case 7 where name == ":method": .method
        case 7 where name == ":scheme": .scheme
        case 7 where name == ":status": .status
        case 9 where name == ":protocol": .protocol
        case 10 where name == ":authority": .authority
        default: .unknownPseudo
        }
    }

    private static func isGood(_ value: ByteView, _ kind: Kind) -> Bool {
        switch kind {
        case .field: HTTP2Syntax.isValue(value)
        case .path: HeaderSyntax.isPath(value)
        case .authority: HeaderSyntax.isAuthority(value)
        case .scheme: HTTP2Syntax.isScheme(value)
        case .method, .protocol: HeaderSyntax.isName(value)
        case .status, .unknownPseudo: true
        }
    }
}
