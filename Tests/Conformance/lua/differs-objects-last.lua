--[[case
{
 "what": "Objects of a handle outlive a wait",
 "requests": [
  {
   "method": "POST",
   "body": "abc"
  }
 ],
 "differs": "0040-where-lua-differs-from-envoy"
}
]]
function envoy_on_request(handle)
  local headers = handle:headers()
  local size = handle:body():length()
  headers:add("x-size", tostring(size))
end
