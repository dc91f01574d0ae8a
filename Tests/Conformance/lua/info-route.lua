--[[case
{
 "what": "Names of the route and virtual cluster",
 "requests": [
  {}
 ]
}
]]
function envoy_on_request(handle)
  local info = handle:streamInfo()
  handle:headers():add("x-names", "[" .. info:routeName() .. "][" .. info:virtualClusterName() .. "]")
end
