--[[case
{
 "what": "A script that fails on the way back lets the response go on",
 "requests": [
  {}
 ]
}
]]
function envoy_on_response(handle)
  handle:headers():add("x-before", "1")
  local nothing = nil
  nothing.field = 1
end
