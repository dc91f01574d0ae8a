--[[case
{
 "what": "trailers is nil when there are none",
 "requests": [
  {
   "method": "POST",
   "body": "abc"
  },
  {}
 ]
}
]]
function envoy_on_request(handle)
  handle:body()
  local trailers = handle:trailers()
  handle:headers():add("x-trailers", trailers and "some" or "none")
end
