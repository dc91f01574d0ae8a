public import PosternSDK

/// What adapters that write lines have in their configuration: `format`, `line`, `columns`, `omitAbsent`.
public struct LineConfig: Decodable, Sendable, Hashable {
    /// `json` or `text`.
    public var format: String?
    /// The line of `text`.
    public var line: String?
    /// The columns of `json`.
    public var columns: [String]?
    /// Whether `json` leaves out what is absent.
    public var omitAbsent: Bool?

    /// Their properties, to be written among others.
    public static let properties = #"""
        "format": {
          "type": "string", "enum": ["json", "text"], "default": "json",
          "description": "What lines of log entries are; metrics are JSON always."
        },
        "line": {
          "type": "string", "minLength": 1,
          "description": "Of text: the line, with {column} where values stand; {{ and }} are braces."
        },
        "columns": {
          "type": "array", "minItems": 1, "uniqueItems": true, "items": { "type": "string", "minLength": 1 },
          "description": "Of json: which columns, in this order. Default: all."
        },
        "omitAbsent": {
          "type": "boolean", "default": false,
          "description": "Of json: whether absent columns are left out; otherwise they are null."
        }
        """#

    /// What lines look like.
    ///
    /// - Throws: ``ConfigProblem`` with the pointer of the key.
    public func lineFormat() throws(ConfigProblem) -> LineFormat {
        switch self.format ?? "json" {
        case "json":
            if self.line != nil { throw ConfigProblem("/line", "is of 'format: text' only") }
            return .json(columns: self.columns, omitsAbsent: self.omitAbsent ?? false)
        case "text":
            if self.columns != nil { throw ConfigProblem("/columns", "is of 'format: json' only") }
            if self.omitAbsent != nil { throw ConfigProblem("/omitAbsent", "is of 'format: json' only") }
            guard let line = self.line else { throw ConfigProblem("/line", "'format: text' needs it") }
            do throws(LineTemplate.Malformed) {
                return .text(try LineTemplate(line))
            } catch { throw ConfigProblem("/line", error.description) }
        default: throw ConfigProblem("/format", "must be json or text, got '\(self.format ?? "")'")
        }
    }
}
