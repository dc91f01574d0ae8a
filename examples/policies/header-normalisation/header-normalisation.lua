--[[schema
{ "type": "object", "additionalProperties": false, "properties": {
    "rename": { "type": "object", "additionalProperties": { "type": "string" } },
    "default": { "type": "object", "additionalProperties": { "type": "string" } },
    "drop": { "type": "array", "items": { "type": "string" } },
    "lower": { "type": "array", "items": { "type": "string" } } } }
]]
local config = postern.config

function on_request(handle)
  local headers = handle:headers()
  for _, name in ipairs(config.drop or {}) do headers:remove(name) end
  for old, new in pairs(config.rename or {}) do
    local value = headers:get(old)
    if value then
      headers:remove(old)
      if not headers:get(new) then headers:add(new, value) end
    end
  end
  for name, value in pairs(config.default or {}) do
    if not headers:get(name) then headers:add(name, value) end
  end
  for _, name in ipairs(config.lower or {}) do
    local value = headers:get(name)
    if value then headers:replace(name, value:lower()) end
  end
end
