--[[case
{
 "what": "pcall keeps a failure within the script",
 "requests": [
  {}
 ]
}
]]
function envoy_on_request(handle)
  local ok = pcall(function() error("x") end)
  handle:headers():add("x-ok", tostring(ok))
end
