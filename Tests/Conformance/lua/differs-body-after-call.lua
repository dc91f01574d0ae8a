--[[case
{
 "what": "After a call the body can still be asked for",
 "requests": [
  {
   "method": "POST",
   "body": "twelve bytes"
  }
 ],
 "differs": "0040-where-lua-differs-from-envoy"
}
]]
function envoy_on_request(handle)
  local headers, body = handle:httpCall("auth",
    { [":method"] = "POST", [":path"] = "/service/echo", [":authority"] = "auth" }, "first", 5000)
  local size = handle:body():length()
  handle:headers():add("x-size", body .. size)
end
