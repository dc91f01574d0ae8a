--[[case
{
 "what": "A method that is replaced is what the service sees",
 "requests": [
  {}
 ]
}
]]
function envoy_on_request(handle) handle:headers():replace(":method", "DELETE") end
