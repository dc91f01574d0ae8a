--[[case
{
 "what": "An option that there is not fails the script",
 "requests": [
  {}
 ]
}
]]
function envoy_on_request(handle)
  handle:headers():add("x-before", "1")
  handle:httpCall("auth", { [":method"] = "GET", [":path"] = "/service/echo", [":authority"] = "auth" }, nil, { timeout = 1 })
  handle:headers():add("x-after", "1")
end
