--[[case
{
 "what": "A route without facts has an empty object",
 "requests": [
  {}
 ]
}
]]
function envoy_on_request(handle)
  local count = 0
  for _ in pairs(handle:metadata()) do count = count + 1 end
  handle:headers():add("x-count", tostring(count))
end
