--[[case
{
 "what": "An answer with a status that is none fails the script",
 "requests": [
  {}
 ]
}
]]
function envoy_on_request(handle)
  handle:headers():add("x-before", "1")
  handle:respond({ [":status"] = "100" }, "no")
end
