--[[case
{
 "what": "A call that takes too long is a 504",
 "requests": [
  {}
 ]
}
]]
function envoy_on_request(handle)
  local headers, body = handle:httpCall("auth",
    { [":method"] = "GET", [":path"] = "/service/never", [":authority"] = "auth" }, nil, 100)
  handle:headers():add("x-status", headers[":status"])
  handle:headers():add("x-said", body)
end
