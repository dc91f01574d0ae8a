--[[case
{
 "what": "Globals live from request to request",
 "requests": [
  {},
  {},
  {}
 ]
}
]]
count = 0
function envoy_on_request(handle)
  count = count + 1
  handle:headers():add("x-count", tostring(count))
end
