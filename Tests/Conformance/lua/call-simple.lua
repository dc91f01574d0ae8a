--[[case
{
 "what": "A call to a service gives its fields and body",
 "requests": [
  {}
 ]
}
]]
function envoy_on_request(handle)
  local headers, body = handle:httpCall("auth", {
    [":method"] = "POST", [":path"] = "/service/echo", [":authority"] = "auth.example", ["x-user"] = "jason",
  }, "hello service", 5000)
  handle:headers():add("x-auth", headers[":status"] .. " " .. headers["x-service"])
  handle:headers():add("x-auth-size", tostring(#body))
end
