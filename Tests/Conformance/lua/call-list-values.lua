--[[case
{
 "what": "A field of a call may have several values",
 "requests": [
  {}
 ]
}
]]
function envoy_on_request(handle)
  handle:httpCall("auth", {
    [":method"] = "GET", [":path"] = "/service/echo", [":authority"] = "auth", ["cookie-list"] = { "a=1", "b=2" },
  }, nil, 5000)
end
