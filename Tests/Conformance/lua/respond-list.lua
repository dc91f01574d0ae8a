--[[case
{
 "what": "A field of an answer may have several values",
 "requests": [
  {}
 ]
}
]]
function envoy_on_request(handle)
  handle:respond({ [":status"] = "200", ["set-cookie"] = { "a=1", "b=2" } }, "ok")
end
