internal import PluginSupport
internal import PosternSDK

/// What a configuration does to a body.
struct BodyChanges: Decodable, Sendable {
    struct JSON: Decodable, Sendable {
        let remove: [String]?
        let rename: [String: String]?
        /// Kept as it stands, because the order of the members counts.
        let set: JSONValue?
    }

    let json: JSON?
    let text: String?
    let contentType: String?
    let contentTypes: [String]?
    let limit: ByteCount?
    let onMismatch: String?
}

/// The changes to one body, ready to be made.
struct BodyPlan: Sendable {
    private enum Work: Sendable {
        case json(
            remove: [JSONPath], rename: [(old: JSONPath, new: JSONPath)], set: [(JSONPath, JSONTemplate)])
        case text(ValueTemplate)
    }

    private let work: Work
    let types: MediaTypes
    /// In bytes.
    let limit: Int
    /// Whether a body that cannot be changed passes as it is.
    let passesMismatches: Bool
    /// The `content-type` of the new body; nil leaves it.
    let contentType: String?

    /// - Throws: ``ConfigProblem`` with the place.
    init(_ changes: BodyChanges, at pointer: String, host: borrowing FilterHost) throws(ConfigProblem) {
        switch (changes.json, changes.text) {
        case (let json?, nil): self.work = try Self.work(json, at: "\(pointer)/json", host)
        case (nil, let text?):
            self.work = .text(try ValueTemplate(text, at: "\(pointer)/text", host: host, isText: true))
        default: throw ConfigProblem(pointer, "must have exactly one of json and text")
        }
        let types = changes.contentTypes ?? ["application/json", "application/*+json"]
        do { self.types = try MediaTypes(types) } catch {
            throw ConfigProblem(
                "\(pointer)/contentTypes/\(error.index)",
                "must be a media type like application/json or application/*+json, got '\(error.text)'")
        }
        self.limit = changes.limit?.bytes ?? 1 << 20
        self.passesMismatches = changes.onMismatch == "pass"
        self.contentType = changes.contentType
    }

    private static func work(
        _ json: BodyChanges.JSON, at pointer: String, _ host: borrowing FilterHost
    ) throws(ConfigProblem) -> Work {
        var removals: [JSONPath] = []
        for (index, path) in (json.remove ?? []).enumerated() {
            removals.append(try JSONPath(path, at: "\(pointer)/remove/\(index)"))
        }
        var renamings: [(JSONPath, JSONPath)] = []
        for (old, new) in (json.rename ?? [:]).sorted(by: { $0.key < $1.key }) {
            let place = "\(pointer)/rename"
            renamings.append((try JSONPath(old, at: place), try JSONPath(new, at: place)))
        }
        var sets: [(JSONPath, JSONTemplate)] = []
        if case .object(let members) = json.set {
            for member in members {
                let place = "\(pointer)/set"
                sets.append(
                    (
                        try JSONPath(member.key, at: place),
                        try JSONTemplate(member.value, at: place, host: host)
                    ))
            }
        }
        if removals.isEmpty, renamings.isEmpty, sets.isEmpty {
            throw ConfigProblem(pointer, "changes nothing: give remove, rename or set")
        }
        return .json(remove: removals, rename: renamings, set: sets)
    }

    /// The body in place of `body`.
    ///
    /// - Throws: ``JSONPath/Mismatch`` that says why it cannot be changed.
    func apply(
        to body: Span<UInt8>, for stream: borrowing some HTTPStream & ~Copyable
    ) throws(JSONPath.Mismatch) -> [UInt8] {
        switch self.work {
        case .text(let template): return Array(template.text(for: stream).utf8)
        case .json(let removals, let renamings, let sets):
            var value: JSONValue
            do { value = try JSONValue(parsing: Array(copying: body)) } catch {
                throw JSONPath.Mismatch(message: error.message)
            }
            for path in removals { _ = path.remove(from: &value) }
            for (old, new) in renamings {
                if let moved = old.remove(from: &value) { try new.set(moved, in: &value) }
            }
            for (path, template) in sets { try path.set(template.value(for: stream), in: &value) }
            var text: [UInt8] = []
            text.reserveCapacity(body.count + 256)
            value.write(to: &text)
            return text
        }
    }
}

/// A JSON value in whose texts `%{attribute}` stands for an attribute's value.
indirect enum JSONTemplate: Sendable {
    case literal(JSONValue)
    case text(ValueTemplate)
    case array([JSONTemplate])
    case object([(key: String, value: JSONTemplate)])

    init(_ value: JSONValue, at pointer: String, host: borrowing FilterHost) throws(ConfigProblem) {
        switch value {
        case .string(let text):
            let template = try ValueTemplate(text, at: pointer, host: host, isText: true)
            self = template.literal.map { .literal(.string($0)) } ?? .text(template)
        case .array(let items):
            var templates: [JSONTemplate] = []
            for item in items { templates.append(try Self(item, at: pointer, host: host)) }
            self = .array(templates)
        case .object(let members):
            var templates: [(key: String, value: JSONTemplate)] = []
            for member in members {
                templates.append((member.key, try Self(member.value, at: pointer, host: host)))
            }
            self = .object(templates)
        default: self = .literal(value)
        }
    }

    func value(for stream: borrowing some HTTPStream & ~Copyable) -> JSONValue {
        switch self {
        case .literal(let value): return value
        case .text(let template): return .string(template.text(for: stream))
        case .array(let items):
            var values: [JSONValue] = []
            for item in items { values.append(item.value(for: stream)) }
            return .array(values)
        case .object(let members):
            var values: [JSONValue.Member] = []
            for member in members {
                values.append(JSONValue.Member(key: member.key, value: member.value.value(for: stream)))
            }
            return .object(values)
        }
    }
}
