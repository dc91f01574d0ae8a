--[[case
{
 "what": "A host that is no endpoint is a 503 when strict",
 "requests": [
  {}
 ],
 "ignore_body": true,
 "keeps": [],
 "ignore": [
  "content-type"
 ]
}
]]
function envoy_on_request(handle) handle:setUpstreamOverrideHost("127.0.0.9:9", true) end
