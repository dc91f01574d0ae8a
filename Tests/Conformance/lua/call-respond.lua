--[[case
{
 "what": "An answer may depend on a call",
 "requests": [
  {}
 ]
}
]]
function envoy_on_request(handle)
  local headers, body = handle:httpCall("auth",
    { [":method"] = "GET", [":path"] = "/service/denied", [":authority"] = "auth" }, "", 5000)
  if headers[":status"] ~= "200" then
    handle:respond({ [":status"] = headers[":status"], ["x-why"] = headers["x-why"] }, body)
  end
end
