--[[case
{
 "what": "Addresses of the connection",
 "requests": [
  {}
 ]
}
]]
local function host(text) return text:match("^(.*):%d+$") end
function envoy_on_request(handle)
  local info = handle:streamInfo()
  local h = handle:headers()
  h:add("x-remote", host(info:downstreamRemoteAddress()))
  h:add("x-direct-remote", host(info:downstreamDirectRemoteAddress()))
  h:add("x-local", host(info:downstreamLocalAddress()))
  h:add("x-direct-local", host(info:downstreamDirectLocalAddress()))
end
