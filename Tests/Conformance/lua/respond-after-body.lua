--[[case
{
 "what": "An answer may depend on the body",
 "requests": [
  {
   "method": "POST",
   "body": "an attack"
  },
  {
   "method": "POST",
   "body": "a friend"
  }
 ]
}
]]
function envoy_on_request(handle)
  local body = handle:body()
  if body:getBytes(0, body:length()):find("attack") then handle:respond({ [":status"] = "400" }, "bad") end
end
