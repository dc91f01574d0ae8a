--[[case
{
 "what": "A second call of body gives the same body",
 "requests": [
  {
   "method": "POST",
   "body": "abc"
  }
 ]
}
]]
function envoy_on_request(handle)
  local first = handle:body():length()
  handle:body():setBytes("12")
  handle:headers():add("x-sizes", first .. "," .. handle:body():length())
end
