--[[case
{
 "what": "A status that is replaced is what the client sees",
 "requests": [
  {}
 ],
 "ignore_reason": true
}
]]
function envoy_on_response(handle) handle:headers():replace(":status", "418") end
