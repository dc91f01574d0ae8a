--[[schema
{ "type": "object", "additionalProperties": false, "properties": {
    "csp": { "type": "string" },
    "hstsSeconds": { "type": "integer", "minimum": 0 },
    "remove": { "type": "array", "items": { "type": "string" } } } }
]]
local config = postern.config

local wanted = {
  ["x-content-type-options"] = "nosniff",
  ["x-frame-options"] = "DENY",
  ["referrer-policy"] = "strict-origin-when-cross-origin",
  ["permissions-policy"] = "camera=(), geolocation=(), microphone=()",
  ["content-security-policy"] = config.csp or "default-src 'self'",
}
local hsts = config.hstsSeconds or 31536000
if hsts > 0 then wanted["strict-transport-security"] = "max-age=" .. hsts .. "; includeSubDomains" end

function on_response(handle)
  local headers = handle:headers()
  for _, name in ipairs(config.remove or { "x-powered-by" }) do headers:remove(name) end
  for name, value in pairs(wanted) do
    if not headers:get(name) then headers:add(name, value) end
  end
end
