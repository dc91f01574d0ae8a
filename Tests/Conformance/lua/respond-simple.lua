--[[case
{
 "what": "A script answers in place of the service",
 "requests": [
  {}
 ]
}
]]
function envoy_on_request(handle)
  handle:respond({ [":status"] = "403", ["content-type"] = "text/plain", ["x-why"] = "policy" }, "no")
  handle:headers():add("x-never", "1")
end
