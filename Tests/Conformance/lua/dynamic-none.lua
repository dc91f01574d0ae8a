--[[case
{
 "what": "A space that nobody filled is nil",
 "requests": [
  {}
 ]
}
]]
function envoy_on_request(handle)
  handle:headers():add("x-none", handle:streamInfo():dynamicMetadata():get("nobody") and "some" or "none")
end
