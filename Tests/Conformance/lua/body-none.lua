--[[case
{
 "what": "body is nil for a request without one",
 "requests": [
  {}
 ]
}
]]
function envoy_on_request(handle)
  local body = handle:body()
  handle:headers():add("x-body", tostring(body))
end
