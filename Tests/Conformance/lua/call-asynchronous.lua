--[[case
{
 "what": "An asynchronous call does not wait",
 "requests": [
  {}
 ],
 "service_requests": 1
}
]]
function envoy_on_request(handle)
  local headers = handle:httpCall("auth",
    { [":method"] = "POST", [":path"] = "/service/audit", [":authority"] = "auth" }, "noted", 5000, true)
  handle:headers():add("x-headers", tostring(headers))
end
