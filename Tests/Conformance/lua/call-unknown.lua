--[[case
{
 "what": "A service that there is not fails the script",
 "requests": [
  {}
 ]
}
]]
function envoy_on_request(handle)
  handle:headers():add("x-before", "1")
  handle:httpCall("nowhere", { [":method"] = "GET", [":path"] = "/", [":authority"] = "a" }, nil, 100)
  handle:headers():add("x-after", "1")
end
