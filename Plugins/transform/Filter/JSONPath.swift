internal import PosternSDK

/// A place in a JSON value (JSON pointer, RFC 6901).
struct JSONPath: Sendable {
    let text: String
    private let keys: [String]

    /// Why a place cannot be changed.
    struct Mismatch: Error {
        let message: String
    }

    /// - Throws: ``ConfigProblem`` for what is no pointer, or the whole value.
    init(_ text: String, at pointer: String) throws(ConfigProblem) {
        guard text.hasPrefix("/") else {
            throw ConfigProblem(pointer, "must be a JSON pointer like /user/name, got '\(text)'")
        }
        self.text = text
        self.keys = text.dropFirst().split(separator: "/", omittingEmptySubsequences: false).map {
            String($0).replacing("~1", with: "/").replacing("~0", with: "~")
        }
    }

    /// Takes the value out.
    ///
    /// - Returns: The value; nil when there is none.
    func remove(from root: inout JSONValue) -> JSONValue? {
        Self.remove(self.keys[...], from: &root)
    }

    /// Puts a value in place of what is there; objects that lead to it are made.
    ///
    /// - Throws: ``Mismatch`` when something on the way is neither an object nor an array that is long
    ///   enough.
    func set(_ value: JSONValue, in root: inout JSONValue) throws(Mismatch) {
        try self.set(self.keys[...], value, in: &root)
    }

    private static func remove(_ keys: ArraySlice<String>, from value: inout JSONValue) -> JSONValue? {
        guard let key = keys.first else { return nil }
        switch value {
        case .object(var members):
            guard let index = members.firstIndex(where: { $0.key == key }) else { return nil }
            if keys.count == 1 {
                let removed = members.remove(at: index).value
                value = .object(members)
                return removed
            }
            let removed = Self.remove(keys.dropFirst(), from: &members[index].value)
            value = .object(members)
            return removed
        case .array(var items):
            guard let index = Self.index(key, below: items.count) else { return nil }
            if keys.count == 1 {
                let removed = items.remove(at: index)
                value = .array(items)
                return removed
            }
            let removed = Self.remove(keys.dropFirst(), from: &items[index])
            value = .array(items)
            return removed
        default: return nil
        }
    }

    private func set(_ keys: ArraySlice<String>, _ new: JSONValue, in value: inout JSONValue) throws(Mismatch)
    {
        guard let key = keys.first else {
            value = new
            return
        }
        switch value {
        case .object(var members):
            if let index = members.firstIndex(where: { $0.key == key }) {
                try self.set(keys.dropFirst(), new, in: &members[index].value)
            } else {
                var child = JSONValue.object([])
                try self.set(keys.dropFirst(), new, in: &child)
                members.append(JSONValue.Member(key: key, value: child))
            }
            value = .object(members)
        case .array(var items):
            if key == "-" {
                var child = JSONValue.object([])
                try self.set(keys.dropFirst(), new, in: &child)
                items.append(child)
            } else if let index = Self.index(key, below: items.count) {
                try self.set(keys.dropFirst(), new, in: &items[index])
            } else {
                throw Mismatch(message: "there is no item '\(key)' for \(self.text)")
            }
            value = .array(items)
        default:
            throw Mismatch(message: "\(value.kind) stands where \(self.text) needs an object")
        }
    }

    /// A number without superfluous zeros (RFC 6901, 4).
    private static func index(_ key: String, below count: Int) -> Int? {
        guard let index = Int(key), (0..<count).contains(index), String(index) == key else { return nil }
        return index
    }
}
