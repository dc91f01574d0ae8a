--[[case
{
 "what": "A coroutine of the script",
 "requests": [
  {}
 ]
}
]]
function envoy_on_request(handle)
  local next = coroutine.wrap(function() for i = 1, 3 do coroutine.yield(i) end end)
  handle:headers():add("x-sum", next() + next() + next())
end
