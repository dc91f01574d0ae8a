--[[case
{
 "what": "Trailers of a request are changed",
 "requests": [
  {
   "method": "POST",
   "chunks": [
    "abc"
   ],
   "trailers": {
    "x-sum": "9",
    "x-other": "1"
   }
  }
 ]
}
]]
function envoy_on_request(handle)
  handle:body()
  local trailers = handle:trailers()
  trailers:replace("x-sum", "10")
  trailers:remove("x-other")
end
