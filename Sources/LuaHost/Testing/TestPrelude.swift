/// What a test file can call, in Lua, on top of `postern.command`.
///
/// Put in front of the file's first line, so that line numbers stay the file's own: hence no comments in it.
enum TestPrelude {
    static var line: String {
        Self.source.split(separator: "\n").map { $0.drop { $0 == " " } }.joined(separator: " ") + " "
    }

    private static let source = """
        do
          local json, command = postern.json, postern.command
          local function ask(what)
            local answer = json.decode(command(json.encode(what)))
            if answer.refused then error(answer.refused, 3) end
            return answer
          end
          local function plain(value)
            if value == json.null then return nil end
            if type(value) ~= "table" then return value end
            local copy = {}
            for k, v in pairs(value) do copy[k] = plain(v) end
            return copy
          end
          local function headers(fields)
            local map = {}
            for _, field in ipairs(fields) do
              local old = map[field[1]]
              map[field[1]] = old and (old .. "," .. field[2]) or field[2]
            end
            return map
          end
          local function tidy(message)
            message.headers = headers(message.fields)
            if message.trailer_fields then message.trailers = headers(message.trailer_fields) end
            return message
          end
          local function show(value)
            if type(value) == "string" then return string.format("%q", value) end
            if type(value) == "table" then
              local ok, text = pcall(json.encode, value)
              return ok and text or tostring(value)
            end
            return tostring(value)
          end
          local function same(a, b)
            if a == b then return true end
            if type(a) ~= "table" or type(b) ~= "table" then return false end
            for k, v in pairs(a) do if not same(v, b[k]) then return false end end
            for k in pairs(b) do if a[k] == nil then return false end end
            return true
          end
          local Policy = {}
          Policy.__index = Policy
          local function send(id, given, level)
            if type(given) ~= "table" then error("request takes a table", level) end
            local result = plain(ask { op = "request", id = id, request = given })
            tidy(result)
            if result.request then tidy(result.request) end
            for _, callout in ipairs(result.callouts) do tidy(callout) end
            return result
          end
          function Policy:request(given) return send(self.id, given, 3) end
          local default
          function policy(options)
            local given = options or {}
            local made = ask { op = "policy", script = given.script, config = given.config or {} }
            return setmetatable({ id = made.id }, Policy)
          end
          function request(given)
            default = default or policy()
            return send(default.id, given, 3)
          end
          function advance(seconds) ask { op = "advance", seconds = seconds } end
          expect = {}
          function expect.equal(actual, expected, what)
            if not same(actual, expected) then
              local about = what and (what .. ": ") or ""
              error(about .. "expected " .. show(expected) .. ", got " .. show(actual), 2)
            end
          end
          function expect.contains(text, part)
            if type(text) ~= "string" or not text:find(part, 1, true) then
              error("expected " .. show(text) .. " to contain " .. show(part), 2)
            end
          end
          function expect.matches(text, pattern)
            if type(text) ~= "string" or not text:find(pattern) then
              error("expected " .. show(text) .. " to match " .. show(pattern), 2)
            end
          end
          function expect.ok(value, what)
            if not value then error(what or ("expected something true, got " .. show(value)), 2) end
          end
          function expect.absent(value, what)
            if value ~= nil then error((what or "value") .. ": expected nothing, got " .. show(value), 2) end
          end
          function expect.fails(f, part)
            local ok, message = pcall(f)
            if ok then error("expected a failure", 2) end
            if part and not tostring(message):find(part, 1, true) then
              error("expected a failure with " .. show(part) .. ", got " .. show(message), 2)
            end
          end
          function expect.logged(result, part)
            for _, line in ipairs(result.logs) do
              if line.message:find(part, 1, true) then return end
            end
            error("expected a log line with " .. show(part) .. ", got " .. show(result.logs), 2)
          end
          function test(name, f)
            default = nil
            ask { op = "begin" }
            local ok, message = pcall(f)
            ask { op = "end", name = name, ok = ok, message = not ok and tostring(message) or nil }
          end
        end
        """
}
