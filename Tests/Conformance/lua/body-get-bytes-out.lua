--[[case
{
 "what": "getBytes past the end fails the script",
 "requests": [
  {
   "method": "POST",
   "body": "abc"
  }
 ]
}
]]
function envoy_on_request(handle)
  local body = handle:body()
  handle:headers():add("x-before", "1")
  body:getBytes(0, body:length() + 1)
  handle:headers():add("x-after", "1")
end
