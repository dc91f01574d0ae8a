--[[schema
{ "type": "object", "additionalProperties": false, "required": ["regions", "default"], "properties": {
    "header": { "type": "string" },
    "blocked": { "type": "array", "items": { "type": "string", "pattern": "^[A-Z]{2}$" } },
    "regions": { "type": "object", "additionalProperties": { "type": "string" } },
    "default": { "type": "string" } } }
]]
local config = postern.config
local header = config.header or "x-country"
local blocked = {}
for _, country in ipairs(config.blocked or {}) do blocked[country] = true end

function on_request(handle)
  local country = (handle:headers():get(header) or ""):upper()
  if blocked[country] then
    handle:respond({ [":status"] = "451", ["content-type"] = "text/plain" }, "not available in your country\n")
  end
  handle:headers():replace("x-region", config.regions[country] or config.default)
  handle:clearRouteCache()
end
