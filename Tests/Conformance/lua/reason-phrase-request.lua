--[[case
{
 "what": "Words of a status line belong to responses",
 "requests": [
  {}
 ]
}
]]
function envoy_on_request(handle)
  handle:headers():add("x-before", "1")
  handle:headers():setHttp1ReasonPhrase("x")
  handle:headers():add("x-after", "1")
end
