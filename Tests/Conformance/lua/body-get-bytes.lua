--[[case
{
 "what": "getBytes counts from 0",
 "requests": [
  {
   "method": "POST",
   "body": "abcdefgh"
  }
 ]
}
]]
function envoy_on_request(handle)
  local body = handle:body()
  handle:headers():add("x-part", body:getBytes(0, 2) .. "|" .. body:getBytes(3, 4) .. "|" .. body:getBytes(0, body:length()))
end
