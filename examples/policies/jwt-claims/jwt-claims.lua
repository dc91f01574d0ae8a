--[[schema
{ "type": "object", "additionalProperties": false, "properties": {
    "header": { "type": "string" },
    "subject": { "type": "string" },
    "rules": { "type": "array", "items": { "type": "object", "additionalProperties": false,
      "required": ["path", "claim", "values"], "properties": {
        "path": { "type": "string" }, "claim": { "type": "string" },
        "values": { "type": "array", "items": { "type": "string" } } } } } } }
]]
local config = postern.config
local header = config.header or "x-jwt-payload"

local function refuse(handle, status, why)
  local body = postern.json.encode { error = why }
  handle:respond({ [":status"] = status, ["content-type"] = "application/json" }, body)
end

-- The payload: base64url of JSON, the middle part of the token.
local function claims_of(handle)
  local text = handle:headers():get(header)
  local payload = text and postern.base64.decode(text)
  local claims = payload and postern.json.decode(payload)
  return type(claims) == "table" and claims or nil
end

-- A claim is a text or a list of them.
local function has(claim, values)
  local given = type(claim) == "table" and claim or { claim }
  for _, one in ipairs(given) do
    for _, wanted in ipairs(values) do
      if one == wanted then return true end
    end
  end
  return false
end

function on_request(handle)
  local claims = claims_of(handle)
  if not claims then refuse(handle, "401", "no token") end
  if math.type(claims.exp) and claims.exp <= postern.time.now() then refuse(handle, "401", "the token has expired") end
  local path = handle:headers():get(":path"):match("^[^?]*")
  for _, rule in ipairs(config.rules or {}) do
    if postern.regex.test(path, rule.path) and not has(claims[rule.claim], rule.values) then
      refuse(handle, "403", "claim '" .. rule.claim .. "' does not allow this")
    end
  end
  local owner = config.subject and postern.regex.match(path, config.subject)
  if owner and owner ~= claims.sub then refuse(handle, "403", "not yours") end
  handle:headers():replace("x-user", tostring(claims.sub))
end
