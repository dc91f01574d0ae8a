--[[schema
{ "type": "object", "additionalProperties": false, "properties": {
    "members": { "type": "array", "items": { "type": "string" } },
    "scope": { "type": "string" } } }
]]
local members = {}
for _, name in ipairs(postern.config.members or { "ssn", "password" }) do members[name] = true end
local scope = postern.config.scope or "pii"
local cards = [[\b(\d{4})[ -]?\d{4}[ -]?\d{4}[ -]?(\d{4})\b]]

-- An earlier filter has left what the client may see.
local function may_see(handle)
  local auth = handle:streamInfo():dynamicMetadata():get("auth")
  for _, one in ipairs(auth and auth.scopes or {}) do
    if one == scope then return true end
  end
  return false
end

local function redact(value)
  if type(value) == "string" then return (postern.regex.gsub(value, cards, "%1********%2")) end
  if type(value) ~= "table" then return value end
  for key, inner in pairs(value) do
    value[key] = members[key] and "[redacted]" or redact(inner)
  end
  return value
end

function on_response(handle)
  local headers = handle:headers()
  local kind = headers:get("content-type") or ""
  if headers:get("content-encoding") or may_see(handle) then return end
  local is_json = kind:find("json", 1, true)
  if not is_json and not kind:find("^text/") then return end
  local body = handle:body()
  if not body then return end
  local text = body:getBytes(0, body:length())
  local value = is_json and postern.json.decode(text)
  body:setBytes(value and postern.json.encode(redact(value)) or redact(text))
  headers:remove("etag")
end
