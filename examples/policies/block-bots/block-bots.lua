--[[schema
{ "type": "object", "additionalProperties": false, "properties": {
    "blocked": { "type": "array", "items": { "type": "string", "minLength": 1 } },
    "allowed": { "type": "array", "items": { "type": "string", "minLength": 1 } } } }
]]
local blocked = postern.config.blocked or { "bot", "crawler", "spider" }
local allowed = postern.config.allowed or {}

local function has(text, words)
  for _, word in ipairs(words) do
    if text:find(word:lower(), 1, true) then return true end
  end
  return false
end

function on_request(handle)
  local agent = (handle:headers():get("user-agent") or ""):lower()
  if agent ~= "" and (not has(agent, blocked) or has(agent, allowed)) then return end
  handle:respond({ [":status"] = "403", ["content-type"] = "text/plain" }, "automated clients are not welcome here\n")
end
