--[[case
{
 "what": "A path that is replaced is what the service sees",
 "requests": [
  {}
 ]
}
]]
function envoy_on_request(handle)
  local path = handle:headers():get(":path")
  handle:headers():replace(":path", path .. "/more?added=1")
end
