--[[case
{
 "what": "A connection is drained when the script says so",
 "requests": [
  {}
 ],
 "keeps": [
  "connection"
 ]
}
]]
function envoy_on_request(handle) handle:streamInfo():drainConnectionUponCompletion() end
