--[[case
{
 "what": "respond is refused once the request has passed",
 "requests": [
  {
   "method": "POST",
   "body": "abc"
  }
 ]
}
]]
function envoy_on_request(handle)
  for chunk in handle:bodyChunks() do
    handle:respond({ [":status"] = "403" }, "late")
  end
end
