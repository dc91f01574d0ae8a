extension Attack {
    /// Attacks through what Postern offers beside Lua's own functions.
    static let library = json + calls + expressions

    private static let json = [
        Attack(
            "json.decode of many lists",
            "local s = '[' .. ('[],'):rep(1e5) .. '1]' while true do postern.json.decode(s) end"),
        Attack(
            "json.decode of a long text",
            "local s = '\"' .. ('a'):rep(1e6) .. '\"' while true do postern.json.decode(s) end"),
        Attack(
            "json.decode of escapes",
            "local s = '\"' .. ('\\\\u0041'):rep(1e5) .. '\"' while true do postern.json.decode(s) end"),
        Attack(
            "json.decode of spaces",
            "local s = (' '):rep(1e6) .. '1' while true do postern.json.decode(s) end"),
        Attack("json.decode of digits", "local s = ('1'):rep(1e6) while true do postern.json.decode(s) end"),
        Attack(
            "json.encode of a large table",
            "local t = {} for i = 1, 5000 do t[i] = i end while true do postern.json.encode(t) end"),
        Attack(
            "json.encode of many keys",
            "local t = {} for i = 1, 3000 do t['k' .. i] = i end while true do postern.json.encode(t) end"),
        Attack(
            "json.encode of shared tables",
            "local t = {} for i = 1, 60 do t = { t, t } end postern.json.encode(t)"),
        Attack(
            "json.encode of a long text",
            "local s = ('\\1'):rep(1e6) while true do postern.json.encode(s) end"),
        Attack(
            "dynamicMetadata",
            "local d = handle:streamInfo():dynamicMetadata() while true do d:set('a', 'b', { 1 }) end"
        ),
        Attack(
            "pairs of metadata",
            "while true do for _ in pairs(handle:streamInfo():dynamicMetadata()) do end end"),
    ]

    private static let calls = [
        Attack("sha256", "local s = ('a'):rep(1e6) while true do postern.sha256(s) end"),
        Attack("hmac", "local s = ('a'):rep(1e6) while true do postern.hmac('sha512', s, s) end"),
        Attack("equals", "local s = ('a'):rep(1e6) while true do postern.equals(s, s) end"),
        Attack("base64.encode", "local s = ('a'):rep(1e6) while true do postern.base64.encode(s) end"),
        Attack("base64.decode", "local s = ('a'):rep(1e6) while true do postern.base64.decode(s) end"),
        Attack("base64Escape", "local s = ('a'):rep(1e6) while true do handle:base64Escape(s) end"),
        Attack("time", "while true do postern.time.parse('x') postern.time.http() end"),
        Attack("importPublicKey", "local s = ('a'):rep(1e4) while true do handle:importPublicKey(s, #s) end"),
        Attack(
            "verifySignature",
            "while true do pcall(handle.verifySignature, handle, 'sha256', 'a', 'b', 1, 'c', 1) end"),
        Attack("store.get", "while true do postern.store.get('k') end"),
        Attack("store.set", "local s = ('a'):rep(5e5) while true do postern.store.set('k', s) end"),
        Attack("store.incr", "while true do postern.store.incr('n') end"),
        Attack("require", "while true do pcall(require, 'x') end"),
        Attack("table.maxn", "local t = {} for i = 1, 5000 do t[i] = i end while true do table.maxn(t) end"),
        Attack(
            "asynchronous calls", mayEnd: true,
            """
            local f = { [':method'] = 'GET', [':path'] = '/', [':authority'] = 'a' }
            while true do handle:httpCall('a', f, '', 1, true) end
            """
        ),
        Attack(
            "a call with many fields", mayEnd: true,
            "local f = { [':method'] = 'GET', [':path'] = '/', [':authority'] = 'a', x = {} } "
                + "for i = 1, 1e4 do f.x[i] = 'v' end handle:httpCall('a', f, '', 1, true)"),
    ]

    private static let expressions = [
        Attack(
            "regex over a long text",
            "local s = ('a'):rep(1e6) while true do postern.regex.test(s, 'a*a*a*b') end"),
        Attack(
            "regex with a large program",
            "while true do postern.regex.test(('a'):rep(1000), '(a{0,30}){0,30}b') end"),
        Attack(
            "regex compiled again and again",
            "local i = 0 while true do i = i + 1 postern.regex.test('', 'a' .. i) end"),
        Attack(
            "regex.gsub of nothing",
            "local s = ('a'):rep(1e5) while true do postern.regex.gsub(s, '', 'bb') end"),
        Attack(
            "regex.gsub with a long replacement", "postern.regex.gsub(('a'):rep(1e4), 'a', ('b'):rep(1e5))"),
    ]
}
