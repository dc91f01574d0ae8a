/// Why a script cannot be used.
public struct LuaError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The script's file, as it was given.
    public var path: String
    /// The line that is to blame, when there is one.
    public var line: Int?
    public var message: String

    public init(path: String, line: Int? = nil, message: String) {
        self.path = path
        self.line = line
        self.message = message
    }

    /// Splits what Lua says, `file.lua:3: text`, into line and text.
    init(path: String, luaMessage: String) {
        let file = "\(LuaScript.fileName(of: path)):"
        guard luaMessage.hasPrefix(file) else {
            self.init(path: path, message: luaMessage)
            return
        }
        let rest = luaMessage.dropFirst(file.count)
        guard let colon = rest.firstIndex(of: ":"), let line = Int(rest[..<colon]) else {
            self.init(path: path, message: luaMessage)
            return
        }
        self.init(
            path: path, line: line, message: String(rest[rest.index(after: colon)...].drop { $0 == " " }))
    }

    /// `path:line: message`.
    public var description: String {
        guard let line = self.line else { return "\(self.path): \(self.message)" }
        return "\(self.path):\(line): \(self.message)"
    }
}
