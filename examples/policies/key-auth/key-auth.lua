--[[schema
{ "type": "object", "required": ["keys"], "properties": { "keys": { "type": "object" } } }
]]
local keys = postern.config.keys

function on_request(handle)
  local headers = handle:headers()
  local consumer = keys[postern.sha256(headers:get("x-api-key") or "")]
  if not consumer then
    handle:respond({ [":status"] = "401", ["content-type"] = "text/plain" }, "a valid x-api-key is needed\n")
  end
  headers:remove("x-api-key")
  headers:replace("x-consumer", consumer)
end
