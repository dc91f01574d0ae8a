--[[case
{
 "what": "The body may be sent to a service and replaced by its answer",
 "requests": [
  {
   "method": "POST",
   "body": "inner"
  }
 ]
}
]]
function envoy_on_request(handle)
  local body = handle:body()
  local headers, answer = handle:httpCall("auth",
    { [":method"] = "POST", [":path"] = "/service/echo", [":authority"] = "auth" },
    "(" .. body:getBytes(0, body:length()) .. ")", 5000)
  handle:body():setBytes(answer)
end
