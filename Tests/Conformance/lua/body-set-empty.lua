--[[case
{
 "what": "A body can be made empty",
 "requests": [
  {}
 ]
}
]]
function envoy_on_response(handle) handle:body():setBytes("") end
