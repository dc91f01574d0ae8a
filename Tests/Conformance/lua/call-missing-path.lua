--[[case
{
 "what": "A call without a path fails the script",
 "requests": [
  {}
 ]
}
]]
function envoy_on_request(handle)
  handle:headers():add("x-before", "1")
  handle:httpCall("auth", { [":method"] = "GET", [":authority"] = "a" }, nil, 100)
  handle:headers():add("x-after", "1")
end
