--[[case
{
 "what": "A call to a service that is down is a 503",
 "requests": [
  {}
 ]
}
]]
function envoy_on_request(handle)
  local headers = handle:httpCall("dead",
    { [":method"] = "GET", [":path"] = "/", [":authority"] = "dead" }, nil, 2000)
  handle:headers():add("x-status", headers[":status"])
end
