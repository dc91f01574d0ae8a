extension Attack {
    /// The ways around a budget that are known.
    static let all: [Attack] =
        loops + coroutines + counts + patterns + closing + memory + library

    private static let loops = [
        Attack("while", "while true do end"),
        Attack("goto", "::again:: goto again"),
        Attack("numeric for", "for i = 1, math.huge do end"),
        Attack("recursion by tail calls", "local function f() return f() end f()"),
        Attack("pcall", "pcall(function() while true do end end)"),
        Attack("pcall tried again", "while true do pcall(function() while true do end end) end"),
        Attack(
            "nested pcall",
            """
            local function nest(depth)
              while true do pcall(depth > 0 and nest or error, depth - 1) end
            end
            nest(50)
            """
        ),
        Attack("xpcall", "xpcall(function() while true do end end, function() while true do end end)"),
        Attack("xpcall with a handler that loops", "xpcall(error, function() while true do end end)"),
        Attack(
            "xpcall with a handler that fails",
            "while true do xpcall(error, function() error('again') end) end"),
        Attack(
            "xpcall in a handler",
            """
            local function handler() xpcall(error, handler) while true do end end
            while true do xpcall(function() while true do end end, handler) end
            """
        ),
        Attack(
            "metamethod",
            "local t = setmetatable({}, { __index = function() while true do end end }) return t.x"),
        Attack("__tostring", "print(setmetatable({}, { __tostring = function() while true do end end }))"),
        Attack(
            "__tostring of an error", mayEnd: true,
            "error(setmetatable({}, { __tostring = function() while true do end end }))"),
        Attack(
            "chain of __index",
            """
            local t = {} for i = 1, 1990 do t = setmetatable({}, { __index = t }) end while true do
            local x = t.x end
            """
        ),
        Attack(
            "pairs without end",
            """
            for _ in pairs(setmetatable({}, { __pairs = function() return
            function() return 1 end end })) do end
            """
        ),
        Attack("load in a loop", "while true do load('return 1')() end"),
    ]

    private static let coroutines = [
        Attack("coroutine.wrap", "coroutine.wrap(function() while true do end end)()"),
        Attack("coroutine.create", "coroutine.resume(coroutine.create(function() while true do end end))"),
        Attack(
            "many short coroutines", "while true do coroutine.wrap(function() for i = 1, 20 do end end)() end"
        ),
        Attack(
            "many turns",
            """
            local f = coroutine.wrap(function() while true do
            for i = 1, 20 do end coroutine.yield() end end) while true do f() end
            """
        ),
        Attack(
            "a coroutine in a coroutine",
            """
            local function inner() while true do end end
            local function outer() while true do pcall(coroutine.wrap(inner)) end end
            while true do pcall(coroutine.wrap(outer)) end
            """
        ),
        Attack(
            "coroutines without bottom",
            "local function f() return coroutine.wrap(f)() end while true do pcall(f) end"),
        Attack(
            "closing a coroutine that was ended",
            """
            kept = kept or coroutine.create(function()
              local guard <close> = setmetatable({}, { __close = function() while true do end end })
              while true do end
            end)
            coroutine.resume(kept)
            coroutine.close(kept)
            while true do end
            """
        ),
        Attack(
            "a loop in __close of a suspended coroutine",
            """
            local co = coroutine.create(function()
              local guard <close> = setmetatable({}, { __close = function() while true do end end })
              coroutine.yield()
            end)
            coroutine.resume(co)
            coroutine.close(co)
            """
        ),
        Attack(
            "a dead coroutine",
            "local co = coroutine.create(error) while true do coroutine.resume(co) coroutine.close(co) end"),
    ]

    private static let counts = [
        Attack("string.rep", mayEnd: true, "string.rep('x', 1 << 40)"),
        Attack("string.rep of nothing", mayEnd: true, "string.rep('', 1 << 60)"),
        Attack("string.rep with a separator", mayEnd: true, "string.rep('', 1 << 40, ',')"),
        Attack("string.rep again and again", "while true do string.rep('x', 100000) end"),
        Attack("string.rep in pcall", "while true do pcall(string.rep, 'x', 1 << 30) end"),
        Attack("string.format", mayEnd: true, "string.format('%99999d', 1)"),
        Attack(
            "string.format of a long text",
            "local s = string.rep('x', 1000) while true do string.format('%s%s%s', s, s, s) end"
        ),
        Attack("string.byte", "local s = string.rep('x', 100000) while true do s:byte(1, -1) end"),
        Attack("string.upper", "local s = string.rep('x', 500000) while true do s:upper() end"),
        Attack("string.sub", "local s = string.rep('x', 500000) while true do s:sub(2) end"),
        Attack("string.pack", mayEnd: true, "string.pack('c2000000000', '')"),
        Attack(
            "comparison of long texts",
            """
            local a = string.rep('x', 2000000) local b = a .. 'y' a = a .. 'x' while true do
            local c = a < b end
            """
        ),
        Attack("concatenation", "local a = string.rep('x', 1000000) while true do local b = a .. 'y' end"),
        Attack("table.move", mayEnd: true, "table.move({}, 1, 1 << 60, 2)"),
        Attack("table.move of a table", "local t = {} while true do table.move(t, 1, 10000, 2) end"),
        Attack(
            "table.insert with __len", mayEnd: true,
            "table.insert(setmetatable({}, { __len = function() return 1 << 60 end }), 1, 1)"),
        Attack(
            "table.insert with a __len that changes its mind", mayEnd: true,
            """
            local n = 0 table.insert(setmetatable({}, { __len =
            function() n = n + 1 return n > 1 and 1 << 60 or 1 end }), 1, 1) while true do end
            """
        ),
        Attack(
            "table.remove with __len", mayEnd: true,
            "table.remove(setmetatable({}, { __len = function() return 1 << 60 end }), 1)"),
        Attack(
            "table.concat with __len", mayEnd: true,
            """
            table.concat(setmetatable({}, { __len = function() return 1 << 60 end, __index =
            function() return '' end }))
            """
        ),
        Attack(
            "table.concat", mayEnd: true,
            "local s = string.rep('x', 100000) local t = {} for i = 1, 5000 do t[i] = s end table.concat(t)"),
        Attack("table.unpack", mayEnd: true, "table.unpack({}, 1, 1 << 30)"),
        Attack("table.unpack again and again", "while true do select('#', table.unpack({}, 1, 5000)) end"),
        Attack(
            "table.sort with a comparator that lies", mayEnd: true,
            """
            local t = {} for i = 1, 1000 do t[i] = i end while true do pcall(table.sort, t,
            function() return true end) end
            """
        ),
        Attack(
            "table.sort with a comparator that loops",
            "table.sort({ 1, 2 }, function() while true do end end)"),
        Attack(
            "table.sort of many",
            "local t = {} for i = 1, 20000 do t[i] = -i end while true do table.sort(t) end"),
        Attack(
            "table.sort with __len", mayEnd: true,
            """
            table.sort(setmetatable({}, { __len = function() return 1 << 30 end, __index =
            function() return 1 end }))
            """
        ),
        Attack(
            "table.sort of long texts",
            """
            local a, b = string.rep('x', 1000000) .. 1, string.rep('x', 1000000) .. 2 local t = {}
            for i = 1, 1000 do t[i] = i % 2 == 0 and a or b end while true do table.sort(t) end
            """
        ),
        Attack("utf8.len", "local s = string.rep('x', 500000) while true do utf8.len(s) end"),
        Attack(
            "utf8.codepoint", "local s = string.rep('x', 100000) while true do utf8.codepoint(s, 1, -1) end"),
        Attack(
            "utf8.codes",
            """
            local f = utf8.codes('') local s = 'a' .. string.rep('\\x80', 1000000)
            while true do pcall(f, s, 1) end
            """
        ),
        Attack("utf8.offset", "local s = string.rep('x', 1000000) while true do utf8.offset(s, 900000) end"),
        Attack("tonumber", "local s = string.rep('1', 1000000) while true do tonumber(s) end"),
        Attack("load of a long text", mayEnd: true, "load(string.rep('local a = 1 ', 10000))"),
        Attack(
            "load of many labels", mayEnd: true,
            "local t = {} for i = 1, 5000 do t[i] = '::l' .. i .. '::' end load(table.concat(t, ' '))"),
        Attack("os.date", mayEnd: true, "while true do os.date(string.rep('%c', 1000)) end"),
        Attack("base64Escape", "local s = string.rep('x', 500000) while true do handle:base64Escape(s) end"),
        Attack("logging", "while true do handle:logInfo('line') end"),
        Attack("headers without end", "while true do for name in pairs(handle:headers()) do end end"),
    ]

    private static let patterns = [
        Attack(
            "match that backtracks",
            "string.rep('a', 30):match(string.rep('a?', 30) .. string.rep('a', 30) .. 'b')"),
        Attack("find that backtracks", "string.rep('a', 5000):find('.-.-.-.-b')"),
        Attack("nested repetition", "string.rep('x', 2000):find('x*x*x*x*y')"),
        Attack("gsub that backtracks", "string.rep('a', 5000):gsub('.*.*.*b', '')"),
        Attack("gmatch that backtracks", "for _ in string.rep('a', 5000):gmatch('.-.-.-b') do end"),
        Attack("gsub with a function that loops", "('x'):gsub('x', function() while true do end end)"),
        Attack("gsub that grows", "local s = 'x' while true do s = s:gsub('x', 'xx') end"),
        Attack(
            "a long search for plain text",
            "string.rep('a', 200000):find(string.rep('a', 100000) .. 'b', 1, true) while true do end"),
        Attack("balanced text", "local s = string.rep('(', 20000) while true do s:find('%b()') end"),
        Attack(
            "long sets",
            """
            local set = '[' .. string.rep('a', 10000) .. ']' local s = string.rep('b', 10000)
            while true do s:find(set) end
            """
        ),
        Attack("back-references", "string.rep('a', 3000):find('(.*)%1(.*)%2b')"),
        Attack("deep captures", mayEnd: true, "string.rep('a', 100000):match(string.rep('(a)', 1000))"),
    ]

    private static let closing = [
        Attack("__gc", mayEnd: true, "setmetatable({}, { __gc = function() while true do end end })"),
        Attack(
            "__gc set later",
            """
            local mt = {} setmetatable({}, mt) mt.__gc = function() while true do end end local t
            while true do t = {} end
            """
        ),
        Attack(
            "__gc that comes back to life", mayEnd: true,
            "local mt = {} mt.__gc = function(o) setmetatable({}, mt) end setmetatable({}, mt)"
        ),
        Attack(
            "__close",
            "local guard <close> = setmetatable({}, { __close = function() while true do end end })"),
        Attack(
            "__close after the budget",
            """
            local guard <close> = setmetatable({}, { __close = function() while true do end end })
            while true do end
            """
        ),
        Attack(
            "many __close",
            """
            local loop = setmetatable({}, { __close = function() while true do pcall(function()
            while true do end end) end end })
            local function nest(depth) local guard <close> = loop
            if depth > 0 then nest(depth - 1) end while true do end end
            nest(150)
            """
        ),
        Attack(
            "__close after respond", mayEnd: true,
            """
            local guard <close> = setmetatable({}, { __close = function() while true do end end })
            handle:respond({ [':status'] = 200 })
            """
        ),
    ]

    private static let memory = [
        Attack("a table without end", "local t = {} while true do t[#t + 1] = {} end"),
        Attack(
            "a table without end in pcall",
            "while true do pcall(function() local t = {} while true do t[#t + 1] = {} end end) end"),
        Attack("a text without end", "local s = 'x' while true do s = s .. s end"),
        Attack(
            "a text without end in pcall",
            "local s = string.rep('x', 5000000) while true do pcall(function() return s .. s end) end"),
        Attack(
            "a leak", "leak = leak or {} while true do leak[#leak + 1] = string.rep('x', 1000) .. #leak end"),
        Attack(
            "rehashing",
            """
            local t = {} for i = 1, 60000 do t[i .. ''] = 1 end
            for i = 1, 1 << 40 do t['k' .. i] = 1 t['k' .. i] = nil end
            """
        ),
        Attack("recursion", "local function f() return 1 + f() end f()"),
        Attack(
            "recursion in pcall",
            """
            local function f() pcall(f) return 1 + f() end while true do pcall(f) end
            """),
        Attack(
            "recursion through metamethods", mayEnd: true,
            """
            local t = setmetatable({}, {}) getmetatable(t).__index =
            function(t, k) return t[k .. 'x'] end return t.x
            """
        ),
        Attack(
            "many results",
            """
            local function f(n) if n == 0 then return end return 1, f(n - 1) end
            while true do pcall(f, 5000) end
            """
        ),
        Attack("collections", mayEnd: true, "while true do collectgarbage() end"),
        Attack(
            "little garbage when nearly full",
            """
            local t = {} for i = 1, 5 do t[i] = string.rep('x', 1500000 + i) end while true do
            local u = { {} } end
            """
        ),
    ]
}
