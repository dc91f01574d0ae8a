--[[case
{
 "what": "An answer may have no body",
 "requests": [
  {}
 ]
}
]]
function envoy_on_request(handle) handle:respond({ [":status"] = "204" }) end
