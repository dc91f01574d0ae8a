--[[case
{
 "what": "The route is looked up again after a change",
 "requests": [
  {}
 ]
}
]]
function envoy_on_request(handle)
  handle:headers():replace("x-moved", "yes")
  handle:clearRouteCache()
end
