--[[schema
{ "type": "object", "additionalProperties": false, "properties": {
    "header": { "type": "string" },
    "users": { "type": "array", "items": { "type": "string" } },
    "percent": { "type": "number", "minimum": 0, "maximum": 100 } } }
]]
local config = postern.config
local listed = {}
for _, user in ipairs(config.users or {}) do listed[user] = true end

local function is_canary(user)
  if listed[user] then return true end
  local number = tonumber(postern.sha1(user):sub(1, 6), 16) % 10000
  return number < (config.percent or 0) * 100
end

function on_request(handle)
  local headers = handle:headers()
  local user = headers:get(config.header or "x-user")
  headers:remove("x-canary")
  if user and is_canary(user) then headers:add("x-canary", "true") end
  handle:clearRouteCache()
end

function on_complete(handle)
  if handle:headers():get("x-canary") and handle:responseHeaders():get(":status") >= "500" then
    handle:logWarn("the canary failed: " .. handle:headers():get(":path"))
  end
end
