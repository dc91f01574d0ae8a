internal import GatewayConfig
internal import Primitives

/// The JSON Schema that a script declares for its `config`: a comment `--[[schema` … `]]`, or with equals
/// signs between the brackets, which holds it as JSON.
enum LuaScriptSchema {
    /// - Returns: nil when the script declares none.
    /// - Throws: ``LuaError`` with the line of the comment when it is no schema.
    static func declared(in source: [UInt8], path: String) throws(LuaError) -> PluginSchema? {
        let text = String(decoding: source, as: UTF8.self)
        var line = 1
        var rest = text[...]
        while !rest.isEmpty {
            let end = rest.firstIndex(of: "\n") ?? rest.endIndex
            if let opening = Self.opening(rest[..<end]) {
                let body = rest[opening.end...]
                guard let close = body.firstRange(of: opening.closing) else {
                    throw LuaError(path: path, line: line, message: "the comment with the schema has no end")
                }
                do {
                    return try PluginSchema(json: String(body[..<close.lowerBound]))
                } catch {
                    let problem = error.problems.first
                    let at = line + max((problem?.line ?? 1) - 1, 0)
                    throw LuaError(
                        path: path, line: at, message: "the schema: \(problem?.message ?? "\(error)")")
                }
            }
            rest = end == rest.endIndex ? "" : rest[rest.index(after: end)...]
            line += 1
        }
        return nil
    }

    /// Where the schema begins when the line opens the comment, and what closes it.
    private static func opening(_ line: Substring) -> (end: String.Index, closing: String)? {
        guard line.hasPrefix("--[") else { return nil }
        let equals = line.dropFirst(3).prefix { $0 == "=" }
        let word = line[equals.endIndex...]
        guard word.hasPrefix("[schema") else { return nil }
        return (word.index(word.startIndex, offsetBy: 7), "]\(equals)]")
    }
}
