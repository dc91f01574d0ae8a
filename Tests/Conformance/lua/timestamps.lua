--[[case
{
 "what": "Timestamps are digits since 1970",
 "requests": [
  {}
 ]
}
]]
function envoy_on_request(handle)
  local h = handle:headers()
  h:add("x-ms", tostring(handle:timestamp() > 1.5e12 and handle:timestamp() < 5e12))
  h:add("x-string", tostring(#handle:timestampString()) .. type(handle:timestampString()))
  h:add("x-micro", tostring(#handle:timestampString(EnvoyTimestampResolution.MICROSECOND)))
end
