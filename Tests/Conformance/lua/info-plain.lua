--[[case
{
 "what": "A plain connection has no facts of TLS",
 "requests": [
  {}
 ]
}
]]
function envoy_on_request(handle)
  local info = handle:streamInfo()
  local h = handle:headers()
  h:add("x-ssl", tostring(handle:connection():ssl()) .. tostring(info:downstreamSslConnection()))
  h:add("x-name", "[" .. info:requestedServerName() .. "]")
end
