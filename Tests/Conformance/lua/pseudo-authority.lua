--[[case
{
 "what": "An authority that is replaced is what the service sees",
 "requests": [
  {}
 ]
}
]]
function envoy_on_request(handle) handle:headers():replace(":authority", "inner.example") end
