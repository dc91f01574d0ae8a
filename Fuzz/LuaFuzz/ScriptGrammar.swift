/// Makes a script of bytes: each chooses among the forms of a statement, an expression or a name.
struct ScriptGrammar {
    private var bytes: ArraySlice<UInt8>
    private var depth = 0

    init(_ bytes: ArraySlice<UInt8>) { self.bytes = bytes }

    /// 0 when the bytes are used up, so that every program ends.
    private mutating func next(_ count: Int) -> Int {
        guard let byte = self.bytes.popFirst() else { return 0 }
        return Int(byte) % count
    }

    mutating func script() -> String {
        var text = "local kept, t = nil, { 1, 2, x = 'y' }\n"
        for name in ["on_request", "on_response", "on_complete"]
        where self.next(4) != 3 || name == "on_request" {
            text += "function \(name)(handle)\n\(self.block())end\n"
        }
        return text
    }

    private mutating func block() -> String {
        self.depth += 1
        defer { self.depth -= 1 }
        guard self.depth < 8 else { return "" }
        return (0...self.next(6)).map { _ in "\(self.statement())\n" }.joined()
    }

    private mutating func statement() -> String {
        switch self.next(18) {
        case 0: "kept = \(self.expression())"
        case 1: "\(self.call())"
        case 2: "if \(self.expression()) then \(self.block()) end"
        case 3: "for i = 1, \(self.number()) do \(self.block()) end"
        case 4: "for k, v in pairs(\(self.object())) do kept = k \(self.block()) end"
        case 5: "for chunk in handle:bodyChunks() do chunk:setBytes(\(self.text())) \(self.block()) end"
        case 6: "pcall(function() \(self.block()) end)"
        case 7: "t[\(self.expression())] = \(self.expression())"
        case 8: "coroutine.wrap(function() \(self.block()) end)()"
        case 9: "local b = handle:body(\(self.expression())) if b then b:setBytes(\(self.text())) end"
        case 10: "local tr = handle:trailers() if tr then tr:add(\(self.text()), \(self.text())) end"
        case 11: "handle:respond({ [':status'] = \(self.number()), a = \(self.text()) }, \(self.text()))"
        case 12:
            "kept = handle:httpCall(\(self.text()), "
                + "{ [':method'] = 'GET', [':path'] = '/', [':authority'] = \(self.text()) }, "
                + "\(self.text()), \(self.number()), \(self.expression()))"
        case 13:
            "setmetatable(t, { __index = function() \(self.block()) end, "
                + "__len = function() return \(self.number()) end })"
        case 14: "error(\(self.expression()))"
        case 15: "local c <close> = setmetatable({}, { __close = function() \(self.block()) end })"
        case 16: "handle:headers():\(self.pick(["add", "replace"]))(\(self.text()), \(self.expression()))"
        default: "xpcall(function() \(self.block()) end, function(e) kept = e end)"
        }
    }

    private mutating func object() -> String {
        self.pick([
            "handle:headers()", "t", "handle:metadata()", "handle:streamInfo():dynamicMetadata()",
            "handle:connectionStreamInfo():dynamicMetadata()", "kept", "postern.config",
            "handle:filterContext()",
        ])
    }

    private mutating func expression() -> String {
        self.depth += 1
        defer { self.depth -= 1 }
        if self.depth > 10 { return "nil" }
        switch self.next(10) {
        case 0: return "nil"
        case 1: return self.number()
        case 2: return self.text()
        case 3: return "{ \(self.expression()), k = \(self.expression()) }"
        case 4: return self.call()
        case 5: return "kept"
        case 6: return "t"
        case 7: return "(\(self.expression()) .. \(self.expression()))"
        case 8: return "(\(self.expression()) == \(self.expression()))"
        default: return self.object()
        }
    }

    private mutating func call() -> String {
        let one = self.pick([
            "postern.json.decode", "postern.json.encode", "postern.json.list", "postern.base64.decode",
            "postern.base64.encode_url", "postern.sha256", "postern.time.parse", "postern.time.iso",
            "postern.store.get", "postern.store.incr", "postern.store.remove", "require", "load", "tostring",
            "table.concat", "table.sort", "table.unpack", "table.maxn", "string.format", "string.rep",
            "postern.equals", "bit.bnot", "bit.tohex", "os.date", "utf8.char", "next", "select", "tonumber",
            "handle.headers", "collectgarbage", "coroutine.close", "coroutine.status",
        ])
        switch self.next(14) {
        case 0: return "postern.regex.find(\(self.text()), \(self.text()), \(self.number()))"
        case 1: return "postern.regex.gsub(\(self.text()), \(self.text()), \(self.text()), \(self.number()))"
        case 2: return "postern.hmac(\(self.text()), \(self.text()), \(self.text()), \(self.text()))"
        case 3:
            return
                "postern.store.swap(\(self.text()), \(self.expression()), \(self.text()), \(self.number()))"
        case 4: return "handle:headers():get(\(self.text()))"
        case 5: return "handle:headers():getAtIndex(\(self.text()), \(self.number()))"
        case 6:
            return
                "handle:streamInfo():dynamicMetadata():"
                + "set(\(self.text()), \(self.text()), \(self.expression()))"
        case 7:
            return
                "handle:verifySignature(\(self.text()), \(self.text()), "
                + "\(self.text()), \(self.number()), 'd', 1)"
        case 8: return "handle:importPublicKey(\(self.text()), \(self.number()))"
        case 9: return "handle:streamInfo():attribute(\(self.text()))"
        case 10: return "handle:body():getBytes(\(self.number()), \(self.number()))"
        case 11: return "string.gsub(\(self.text()), \(self.text()), \(self.expression()))"
        default: return "\(one)(\(self.expression()), \(self.expression()))"
        }
    }

    private mutating func number() -> String {
        self.pick([
            "0", "1", "-1", "2", "3.5", "200", "404", "1e9", "math.huge", "-0.0", "2^53", "0/0", "#t", "64",
        ])
    }

    private mutating func text() -> String {
        switch self.next(12) {
        case 0: return "''"
        case 1: return "'x-a'"
        case 2: return "':path'"
        case 3: return "':status'"
        case 4: return "'auth'"
        case 5: return "'[1,{\"a\":null}]'"
        case 6: return "'(a*)*b|(c)'"
        case 7: return "('a'):rep(\(self.number()))"
        case 8: return "'%1%%\\0\\255'"
        case 9: return "'sha256'"
        case 10: return "tostring(\(self.expression()))"
        default:
            let bytes = (0..<self.next(8)).map { _ in "\\\(self.next(256))" }
            return "'\(bytes.joined())'"
        }
    }

    private mutating func pick(_ texts: [String]) -> String { texts[self.next(texts.count)] }
}
