--[[case
{
 "what": "A response waits for a call",
 "requests": [
  {}
 ]
}
]]
function envoy_on_response(handle)
  local headers, body = handle:httpCall("auth",
    { [":method"] = "POST", [":path"] = "/service/echo", [":authority"] = "auth" }, "back", 5000)
  handle:headers():add("x-auth", body)
end
