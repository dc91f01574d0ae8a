internal import PosternSDK

/// What the agent is asked: the record as `{"input":{"subject":{…},"action":{…}}}`.
enum OpaInput {
    /// Columns of the template, in the order of docs/reference/templates.md; then come the properties.
    private static let subject: [(name: String, column: Int)] = [("user", 0)]
    private static let groups = 1
    private static let action: [(name: String, column: Int)] = [
        ("namespace", 2), ("service", 3), ("method", 4), ("path", 5),
    ]
    private static let own = 6

    static func json(_ record: Record) -> [UInt8] {
        var out = Array(#"{"input":{"subject":{"#.utf8)
        var isFirst = true
        for (name, column) in self.subject { self.append(name, record, column, &isFirst, to: &out) }
        self.append(groupsOf: record, &isFirst, to: &out)
        self.append(propertiesOf: record, "subject.", &isFirst, to: &out)
        out.append(contentsOf: #"},"action":{"#.utf8)
        isFirst = true
        for (name, column) in self.action { self.append(name, record, column, &isFirst, to: &out) }
        self.append(propertiesOf: record, "action.", &isFirst, to: &out)
        out.append(contentsOf: "}}}".utf8)
        return out
    }

    /// A list, made of text with commas between.
    private static func append(groupsOf record: Record, _ isFirst: inout Bool, to out: inout [UInt8]) {
        guard let text = record.text(self.groups) else { return }
        self.append(name: "groups", &isFirst, to: &out)
        out.append(0x5B)
        for (index, group) in text.split(separator: ",").enumerated() {
            if index > 0 { out.append(0x2C) }
            let name = Array(group.utf8.drop { $0 == 0x20 })
            out.append(jsonString: name.span)
        }
        out.append(0x5D)
    }

    private static func append(
        propertiesOf record: Record, _ prefix: String, _ isFirst: inout Bool, to out: inout [UInt8]
    ) {
        let names = record.shape.columnNames
        var properties: [UInt8] = []
        var isFirstProperty = true
        for column in self.own..<max(record.count, self.own) where names[column].hasPrefix(prefix) {
            self.append(
                String(names[column].dropFirst(prefix.count)), record, column, &isFirstProperty,
                to: &properties)
        }
        if properties.isEmpty { return }
        self.append(name: "properties", &isFirst, to: &out)
        out.append(0x7B)
        out += properties
        out.append(0x7D)
    }

    private static func append(
        _ name: String, _ record: Record, _ column: Int, _ isFirst: inout Bool, to out: inout [UInt8]
    ) {
        if case .absent = record[column] { return }
        self.append(name: name, &isFirst, to: &out)
        record[column].appendJSON(to: &out)
    }

    private static func append(name: String, _ isFirst: inout Bool, to out: inout [UInt8]) {
        if !isFirst { out.append(0x2C) }
        isFirst = false
        let bytes = Array(name.utf8)
        out.append(jsonString: bytes.span)
        out.append(0x3A)
    }
}
