--[[schema
{ "type": "object", "additionalProperties": false, "required": ["from", "until"], "properties": {
    "from": { "type": "string" }, "until": { "type": "string" },
    "open": { "type": "array", "items": { "type": "string", "pattern": "^/" } },
    "cookie": { "type": "string", "minLength": 8, "writeOnly": true } } }
]]
local config = postern.config
local from = assert(postern.time.parse(config.from), "`from` must be a time such as 2026-01-10T22:00:00Z")
local to = assert(postern.time.parse(config["until"]), "`until` must be a time such as 2026-01-10T23:30:00Z")

local page = [[<!doctype html><title>Back soon</title><h1>We are working on it</h1>
<p>Please come back at %s.</p>
]]

local function is_open(handle)
  local path = handle:headers():get(":path"):match("^[^?]*")
  for _, open in ipairs(config.open or {}) do
    if path == open then return true end
  end
  local cookie = handle:headers():get("cookie") or ""
  local given = ("; " .. cookie):match("; maintenance=([^;]*)")
  return config.cookie and given and postern.equals(given, config.cookie)
end

function on_request(handle)
  local now = postern.time.now()
  if now < from or now >= to or is_open(handle) then return end
  handle:respond({
    [":status"] = "503",
    ["content-type"] = "text/html; charset=utf-8",
    ["retry-after"] = to - now,
    ["cache-control"] = "no-store",
  }, page:format(postern.time.http(to)))
end
