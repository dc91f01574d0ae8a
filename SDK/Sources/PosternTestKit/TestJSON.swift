internal import PosternSDK

/// A JSON text as the gateway keeps it: keys in order, whole numbers without a fraction; nil when it is none.
func canonical(json: String) -> String? {
    (try? JSONParser.parse(Array(json.utf8))).map(write)
}

/// The text that a JSON string stands for.
func text(ofJSON json: String) throws -> String? {
    if case .string(let text) = try JSONParser.parse(Array(json.utf8)) { text } else { nil }
}

/// A text as JSON.
func json(of text: String) -> String { write(.string(text)) }

/// A number as JSON.
func json(of number: Double) -> String { Int(exactly: number).map { "\($0)" } ?? "\(number)" }

private func write(_ value: JSONValue) -> String {
    switch value {
    case .null: "null"
    case .bool(let value): "\(value)"
    case .number(let text): Double(text).map(json(of:)) ?? text
    case .string(let text): "\"" + text.unicodeScalars.map(escape).joined() + "\""
    case .array(let items): "[" + items.map(write).joined(separator: ",") + "]"
    case .object(let members):
        "{"
            + members.sorted { $0.key < $1.key }.map { json(of: $0.key) + ":" + write($0.value) }
            .joined(separator: ",") + "}"
    }
}

private func escape(_ scalar: Unicode.Scalar) -> String {
    switch scalar {
    case "\"": "\\\""
    case "\\": "\\\\"
    case "\n": "\\n"
    case "\r": "\\r"
    case "\t": "\\t"
    case _ where scalar.value < 0x20:
        "\\u00" + (scalar.value < 16 ? "0" : "") + String(scalar.value, radix: 16)
    default: String(scalar)
    }
}
