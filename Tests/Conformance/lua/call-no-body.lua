--[[case
{
 "what": "A call without a body sends none, and an answer without one gives nil",
 "requests": [
  {}
 ]
}
]]
function envoy_on_request(handle)
  local headers, body = handle:httpCall("auth",
    { [":method"] = "GET", [":path"] = "/service/empty", [":authority"] = "auth" }, nil, 5000)
  handle:headers():add("x-body", headers[":status"] .. tostring(body))
end
