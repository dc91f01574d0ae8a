--[[schema
{ "type": "object", "additionalProperties": false, "required": ["perDay"], "properties": {
    "header": { "type": "string" },
    "perDay": { "type": "integer", "minimum": 1 },
    "plans": { "type": "object", "additionalProperties": { "type": "integer", "minimum": 1 } } } }
]]
local config = postern.config
local header = config.header or "x-api-key"
local day = 86400

-- An earlier filter may have left the plan of the key.
local function limit_of(handle)
  local account = handle:streamInfo():dynamicMetadata():get("account")
  return account and config.plans and config.plans[account.plan] or config.perDay
end

function on_request(handle)
  local key = handle:headers():get(header)
  if not key then
    handle:respond({ [":status"] = "401", ["content-type"] = "text/plain" }, "an API key is needed in " .. header .. "\n")
  end
  local now, limit = postern.time.now(), limit_of(handle)
  local left_of_day = day - now % day
  local used = postern.store.incr(now // day .. ":" .. postern.sha256(key), 1, left_of_day)
  if used > limit then
    handle:respond({ [":status"] = "429", ["retry-after"] = left_of_day, ["content-type"] = "text/plain" },
      "the quota of " .. limit .. " requests a day is used up\n")
  end
  handle:streamInfo():dynamicMetadata():set("quota", "left", limit - used)
end

function on_response(handle)
  local quota = handle:streamInfo():dynamicMetadata():get("quota")
  if quota then handle:headers():add("x-quota-left", quota.left) end
end
