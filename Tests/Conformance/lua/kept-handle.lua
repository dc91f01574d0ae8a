--[[case
{
 "what": "A handle that is kept fails in the next request",
 "requests": [
  {},
  {}
 ]
}
]]
local kept
function envoy_on_request(handle)
  if kept then
    handle:headers():add("x-before", "1")
    kept:headers():add("x-never", "1")
  end
  kept = handle
end
