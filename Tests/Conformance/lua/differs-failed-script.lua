--[[case
{
 "what": "A script that failed in a request does not see the response",
 "requests": [
  {}
 ],
 "differs": "0041-a-failed-script-is-out"
}
]]
function envoy_on_request(handle) error("on purpose") end
function envoy_on_response(handle) handle:headers():add("x-response", "1") end
