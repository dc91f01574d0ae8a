--[[case
{
 "what": "A script that fails lets the request go on with what it did before",
 "requests": [
  {}
 ]
}
]]
function envoy_on_request(handle)
  handle:headers():add("x-before", "1")
  error("on purpose")
end
