--[[case
{
 "what": "The protocol of the client",
 "requests": [
  {}
 ]
}
]]
function envoy_on_request(handle) handle:headers():add("x-protocol", handle:streamInfo():protocol()) end
