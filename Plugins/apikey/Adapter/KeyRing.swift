internal import PluginSupport
internal import PosternSDK

/// Keys, ready to be searched. Immutable.
struct KeyRing: Sendable {
    private var table: ByteStringTable
    private var keys: [ApiKey] = []

    /// - Throws: ``ConfigProblem`` for a key that stands twice; never with the key.
    init(_ configs: [ApiKey.Config]) throws(ConfigProblem) {
        self.table = ByteStringTable(capacity: configs.count)
        for (index, config) in configs.enumerated() {
            if config.key.isEmpty { throw ConfigProblem("/keys/\(index)/key", "must not be empty") }
            for (name, list) in [
                ("apis", config.apis), ("versions", config.versions), ("operations", config.operations),
            ] where list?.isEmpty == true {
                throw ConfigProblem("/keys/\(index)/\(name)", "must not be empty: leave it out for all")
            }
            if let other = self.table.insert(Array(config.key.utf8)) {
                throw ConfigProblem("/keys/\(index)/key", "is the same as that of keys[\(other)]")
            }
            self.keys.append(
                ApiKey(apis: config.apis, versions: config.versions, operations: config.operations))
        }
    }

    /// One key a line: whose it is, the key, and the APIs it is good for, with spaces between; all without.
    ///
    /// - Throws: ``ConfigProblem`` with the line's number; never with the key.
    init(lines bytes: [UInt8]) throws(ConfigProblem) {
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw ConfigProblem("", "is not UTF-8")
        }
        self.table = ByteStringTable()
        for (number, line) in numberedLines(of: text) {
            let words = line.utf8.split { $0 == 0x20 || $0 == 0x09 }
            guard let first = words.first, first.first != 0x23 else { continue }
            guard words.count >= 2 else {
                throw ConfigProblem("", "line \(number) must be a name, a key, and APIs if not all")
            }
            if self.table.insert(Array(words[1])) != nil {
                throw ConfigProblem("", "line \(number) has a key that stands before")
            }
            let apis = words[2...].map { String(Substring($0)) }
            self.keys.append(ApiKey(apis: apis.isEmpty ? nil : apis))
        }
    }

    func find(_ key: Span<UInt8>) -> ApiKey? { self.table.index(of: key).map { self.keys[$0] } }
}
