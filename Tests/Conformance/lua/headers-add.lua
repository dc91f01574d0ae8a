--[[case
{
 "what": "A header that is added reaches the service",
 "requests": [
  {
   "headers": {
    "x-added": "zero"
   }
  },
  {}
 ]
}
]]
function envoy_on_request(handle)
  handle:headers():add("x-added", "one")
  handle:headers():add("x-added", "two")
  handle:headers():add("X-Mixed-Case", "kept")
end
