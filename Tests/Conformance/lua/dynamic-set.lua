--[[case
{
 "what": "What the request leaves, the response finds",
 "requests": [
  {
   "headers": {
    "authorization": "Basic x"
   }
  }
 ]
}
]]
function envoy_on_request(handle)
  handle:streamInfo():dynamicMetadata():set("space", "key", {
    auth = handle:headers():get("authorization"), list = { 1, 2, 3 }, nested = { yes = true },
  })
  handle:streamInfo():dynamicMetadata():set("space", "plain", "text")
end
function envoy_on_response(handle)
  local found = handle:streamInfo():dynamicMetadata():get("space")
  local key = found["key"]
  handle:headers():add("x-found", key.auth .. " " .. #key.list .. " " .. tostring(key.nested.yes) .. " " .. found.plain)
end
