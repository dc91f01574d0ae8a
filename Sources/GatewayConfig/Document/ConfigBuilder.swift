/// What the readers of YAML and JSON have in common: limits, and objects without repeated keys.
struct ConfigBuilder {
    /// Repeated keys; reading goes on after one.
    private(set) var problems: [ConfigProblem] = []
    private var nodes = 0

    /// Counts `count` more values.
    mutating func count(_ count: Int = 1, at location: ConfigLocation) throws(ConfigSyntaxError) {
        self.nodes += count
        if self.nodes > ConfigLimits.nodes {
            throw ConfigSyntaxError(location, "the file holds more than \(ConfigLimits.nodes) values")
        }
    }

    func checkDepth(_ depth: Int, at location: ConfigLocation) throws(ConfigSyntaxError) {
        if depth > ConfigLimits.depth {
            throw ConfigSyntaxError(location, "nested deeper than \(ConfigLimits.depth) levels")
        }
    }

    func checkKey(_ key: String, at location: ConfigLocation) throws(ConfigSyntaxError) {
        if key.utf8.count > ConfigLimits.keyLength {
            throw ConfigSyntaxError(location, "a key must be at most \(ConfigLimits.keyLength) bytes")
        }
    }

    /// An object's members without those whose key stands before; each of them is a problem.
    mutating func withoutRepeatedKeys(_ members: [ConfigNode.Member]) -> [ConfigNode.Member] {
        var lines: [String: Int] = [:]
        return members.filter { member in
            guard let first = lines.updateValue(member.keyLocation.line, forKey: member.key) else {
                return true
            }
            lines[member.key] = first
            self.problems.append(
                ConfigProblem(
                    member.keyLocation, "the key stands twice in one object; first in line \(first)")
            )
            return false
        }
    }
}
