internal import PluginSupport
internal import PosternSDK

/// Users and the hashes of their passwords.
struct UserList: Sendable {
    private(set) var names: [String] = []
    private(set) var hashes: [PasswordHash] = []
    private var indices: [[UInt8]: Int] = [:]

    /// - Parameter text: More users, `name:hash`, one a line, as htpasswd writes them; `#` begins a comment.
    /// - Throws: ``ConfigProblem`` for what is no name or hash, or a user that stands twice.
    init(_ users: [BasicAuth.Config.User], text: String?) throws(ConfigProblem) {
        for (index, user) in users.enumerated() {
            let hash = try PasswordHash(user.hash, at: "/users/\(index)/hash")
            try self.add(user.name, hash, at: "/users/\(index)/name", line: "")
        }
        for (number, line) in numberedLines(of: text ?? "") {
            if line.hasPrefix("#") { continue }
            let place = "line \(number): "
            guard let colon = line.firstIndex(of: ":") else {
                throw ConfigProblem("/usersFrom", "\(place)must be a name, a colon and a hash")
            }
            let hash = String(line[line.index(after: colon)...])
            try self.add(
                String(line[..<colon]), try PasswordHash(hash, at: "/usersFrom", line: place),
                at: "/usersFrom",
                line: place)
        }
        if self.names.isEmpty { throw ConfigProblem("", "has no user: give users or usersFrom") }
    }

    private mutating func add(
        _ name: String, _ hash: PasswordHash, at pointer: String, line: String
    ) throws(ConfigProblem) {
        let isName = !name.isEmpty && name.utf8.allSatisfy { $0 > 0x20 && $0 != 0x7F && $0 != 0x3A }
        guard isName else {
            throw ConfigProblem(
                pointer,
                "\(line)a name must be text without colons, spaces and control characters, got '\(name)'")
        }
        guard self.indices.updateValue(self.names.count, forKey: Array(name.utf8)) == nil else {
            throw ConfigProblem(pointer, "\(line)the user '\(name)' stands twice")
        }
        self.names.append(name)
        self.hashes.append(hash)
    }

    func index(of name: [UInt8]) -> Int? { self.indices[name] }
}
