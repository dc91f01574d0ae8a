internal import PluginSupport
internal import PosternSDK

/// What a configuration does to the query of a request: `remove`, `rename`, then `set`, then `add`.
struct QueryChanges: Decodable, Sendable {
    let remove: [String]?
    let rename: [String: String]?
    let set: [String: String]?
    let add: [String: String]?
}

/// The changes to a query, ready to be made.
struct QueryPlan: Sendable {
    private let removals: Set<String>
    private let renamings: [String: String]
    private let sets: [(name: String, value: ValueTemplate)]
    private let additions: [(name: String, value: ValueTemplate)]

    /// - Throws: ``ConfigProblem`` for a template that is none.
    init(_ changes: QueryChanges, at pointer: String, host: borrowing FilterHost) throws(ConfigProblem) {
        self.removals = Set(changes.remove ?? [])
        self.renamings = changes.rename ?? [:]
        self.sets = try Self.templates(changes.set, at: "\(pointer)/set", host)
        self.additions = try Self.templates(changes.add, at: "\(pointer)/add", host)
        if self.removals.isEmpty, self.renamings.isEmpty, self.sets.isEmpty, self.additions.isEmpty {
            throw ConfigProblem(pointer, "changes nothing: give remove, rename, set or add")
        }
    }

    private static func templates(
        _ parameters: [String: String]?, at pointer: String, _ host: borrowing FilterHost
    ) throws(ConfigProblem) -> [(name: String, value: ValueTemplate)] {
        var templates: [(name: String, value: ValueTemplate)] = []
        for (name, value) in (parameters ?? [:]).sorted(by: { $0.key < $1.key }) {
            templates.append(
                (name, try ValueTemplate(value, at: "\(pointer)/\(name)", host: host, isText: true)))
        }
        return templates
    }

    /// The path with the changed query; parameters that nothing names stay as they were spelt.
    func path(of request: borrowing RequestHead) -> String {
        let path = request.path
        let mark = path.firstIndex(of: 0x3F)
        var text = String(path.extracting(0..<mark))
        let query = mark < path.count ? String(path.extracting((mark + 1)..<path.count)) : ""
        var parts: [String] = []
        var isSet = Set<String>()
        let values = self.sets.map { ($0.name, $0.value.text(for: request)) }
        for part in query.split(separator: "&") {
            let equals = part.firstIndex(of: "=") ?? part.endIndex
            // `p%61ss` is `pass` to the service, too.
            var name = Self.decoded(part[..<equals])
            if self.removals.contains(name) { continue }
            var spelt = String(part)
            if let new = self.renamings[name] {
                name = new
                spelt = Self.encoded(new) + part[equals...]
            }
            if let value = values.first(where: { $0.0 == name })?.1 {
                if isSet.insert(name).inserted {
                    parts.append("\(Self.encoded(name))=\(Self.encoded(value))")
                }
            } else {
                parts.append(spelt)
            }
        }
        for (name, value) in values where !isSet.contains(name) {
            parts.append("\(Self.encoded(name))=\(Self.encoded(value))")
        }
        for (name, value) in self.additions {
            parts.append("\(Self.encoded(name))=\(Self.encoded(value.text(for: request)))")
        }
        if !parts.isEmpty { text += "?" + parts.joined(separator: "&") }
        return text
    }

    /// `+` and `%20` are spaces (application/x-www-form-urlencoded).
    private static func decoded(_ text: Substring) -> String {
        var bytes: [UInt8] = []
        var digits: [UInt8] = []
        for byte in text.utf8 {
            if !digits.isEmpty {
                digits.append(byte)
                if digits.count == 3 {
                    if let value = UInt8(String(decoding: digits[1...], as: UTF8.self), radix: 16) {
                        bytes.append(value)
                    } else {
                        bytes += digits
                    }
                    digits = []
                }
            } else if byte == 0x25 {
                digits = [byte]
            } else {
                bytes.append(byte == 0x2B ? 0x20 : byte)
            }
        }
        return String(decoding: bytes + digits, as: UTF8.self)
    }

    /// Everything but unreserved characters (RFC 3986, 2.3) as `%XX`.
    private static func encoded(_ text: String) -> String {
        let digits = Array("0123456789ABCDEF".utf8)
        var bytes: [UInt8] = []
        for byte in text.utf8 {
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F, 0x7E: bytes.append(byte)
            default: bytes += [0x25, digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
