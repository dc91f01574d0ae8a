--[[case
{
 "what": "A host that is no address fails the script",
 "requests": [
  {}
 ]
}
]]
function envoy_on_request(handle)
  handle:headers():add("x-before", "1")
  handle:setUpstreamOverrideHost("not an address")
  handle:headers():add("x-after", "1")
end
