--[[case
{
 "what": "body(true) gives an object for a request without a body, and a body can be made",
 "requests": [
  {},
  {
   "method": "POST",
   "body": "x"
  }
 ]
}
]]
function envoy_on_request(handle)
  local body = handle:body(true)
  handle:headers():add("x-size", tostring(body:length()))
  body:setBytes("made")
end
