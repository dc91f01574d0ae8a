--[[case
{
 "what": "A value that a pattern finds in a body",
 "requests": [
  {
   "method": "POST",
   "body": "{\"name\": \"jason\", \"age\": 5}"
  },
  {
   "method": "POST",
   "body": "{}"
  },
  {}
 ]
}
]]
function envoy_on_request(handle)
  local body = handle:body()
  if body then
    local text = body:getBytes(0, body:length())
    handle:headers():add("x-name", text:match('"name"%s*:%s*"([^"]*)"') or "none")
  end
end
