--[[case
{
 "what": "The status may be a number",
 "requests": [
  {}
 ]
}
]]
function envoy_on_request(handle) handle:respond({ [":status"] = 401, ["x-n"] = 5 }, "no") end
