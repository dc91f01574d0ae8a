internal import PluginSupport
internal import PosternSDK

/// Who has a role.
struct Binding: Sendable {
    struct Config: Decodable, Sendable {
        struct Subject: Decodable, Sendable {
            let user: String?
            let group: String?
            let properties: [String: String]?
        }

        let name: String?
        let role: String
        let subjects: [Subject]
    }

    /// All that is not nil must fit.
    private struct Subject: Sendable {
        let isAnybody: Bool
        let user: [Glob]?
        let group: [Glob]?
        let properties: [(name: String, value: [Glob])]
    }

    /// The role's place.
    let role: Int
    private let subjects: [Subject]

    /// - Throws: ``ConfigProblem`` for a subject that would be everybody by an oversight.
    init(_ config: Config, role: Int, at pointer: String) throws(ConfigProblem) {
        self.role = role
        if config.subjects.isEmpty { throw ConfigProblem("\(pointer)/subjects", "must not be empty") }
        for (index, subject) in config.subjects.enumerated()
        where subject.user == nil && subject.group == nil && subject.properties?.isEmpty != false {
            throw ConfigProblem(
                "\(pointer)/subjects/\(index)",
                "must have a user, a group or properties; write user: \"*\" for everybody")
        }
        self.subjects = config.subjects.map { subject in
            Subject(
                isAnybody: subject.user == "*", user: subject.user.map { [Glob($0)] },
                group: subject.group.map { [Glob($0)] },
                properties: (subject.properties ?? [:]).sorted { $0.key < $1.key }.map {
                    ("subject.\($0.key)", [Glob($0.value)])
                })
        }
    }

    /// Whether the record's subject has the role.
    func isOf(_ record: Record) -> Bool {
        for subject in self.subjects where Self.fits(subject, record) { return true }
        return false
    }

    private static func fits(_ subject: Subject, _ record: Record) -> Bool {
        // `*` is everybody, those without a name too.
        if let user = subject.user, !subject.isAnybody, !record.column(Column.user, fits: user) {
            return false
        }
        if let group = subject.group, !record.groupFits(group) { return false }
        for property in subject.properties where !record.property(property.name, fits: property.value) {
            return false
        }
        return true
    }
}
