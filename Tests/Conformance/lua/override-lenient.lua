--[[case
{
 "what": "A host that is no endpoint does not matter when not strict",
 "requests": [
  {}
 ]
}
]]
function envoy_on_request(handle) handle:setUpstreamOverrideHost("127.0.0.9:9", false) end
