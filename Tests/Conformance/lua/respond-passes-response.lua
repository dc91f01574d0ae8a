--[[case
{
 "what": "The answer of a script passes its own response function",
 "requests": [
  {}
 ]
}
]]
function envoy_on_request(handle) handle:respond({ [":status"] = "403" }, "no") end
function envoy_on_response(handle) handle:headers():add("x-response", handle:headers():get(":status")) end
