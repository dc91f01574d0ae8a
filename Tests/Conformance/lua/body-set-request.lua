--[[case
{
 "what": "The body of a request is replaced",
 "requests": [
  {
   "method": "POST",
   "body": "abc"
  }
 ]
}
]]
function envoy_on_request(handle)
  local size = handle:body():setBytes("another body")
  handle:headers():add("x-set", tostring(size))
end
