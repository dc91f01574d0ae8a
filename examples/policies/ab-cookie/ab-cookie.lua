--[[schema
{ "type": "object", "additionalProperties": false, "required": ["name", "variants"], "properties": {
    "name": { "type": "string", "pattern": "^[a-z0-9-]+$" },
    "variants": { "type": "array", "minItems": 2, "items": { "type": "object", "additionalProperties": false,
      "required": ["name", "share"], "properties": {
        "name": { "type": "string", "pattern": "^[a-z0-9-]+$" }, "share": { "type": "integer", "minimum": 0 } } } } } }
]]
local config = postern.config
local cookie = "ab-" .. config.name
local sum = 0
for _, variant in ipairs(config.variants) do sum = sum + variant.share end
assert(sum > 0, "one share must be more than 0")

-- The same visitor always gets the same variant.
local function choose(visitor)
  local number = tonumber(postern.sha256(config.name .. ":" .. visitor):sub(1, 8), 16) % sum
  local chosen
  for _, variant in ipairs(config.variants) do
    if number >= 0 and number < variant.share then chosen = variant.name end
    number = number - variant.share
  end
  return chosen
end

local function known(name)
  for _, variant in ipairs(config.variants) do
    if variant.name == name then return name end
  end
end

function on_request(handle)
  local headers = handle:headers()
  local cookies = "; " .. (headers:get("cookie") or "")
  local variant = known(cookies:match("; " .. cookie:gsub("%-", "%%-") .. "=([^;]*)"))
  if not variant then
    variant = choose(headers:get("x-request-id") or handle:streamInfo():downstreamRemoteAddress())
    handle:streamInfo():dynamicMetadata():set("ab-cookie", "variant", variant)
  end
  headers:replace("x-variant", variant)
  handle:clearRouteCache()
end

function on_response(handle)
  local new = handle:streamInfo():dynamicMetadata():get("ab-cookie")
  if new then
    handle:headers():add("set-cookie", cookie .. "=" .. new.variant .. "; Path=/; Max-Age=2592000; SameSite=Lax")
  end
end
