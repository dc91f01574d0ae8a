--[[case
{
 "what": "body waits for the whole body",
 "requests": [
  {
   "method": "POST",
   "body": "hello world"
  },
  {
   "method": "POST",
   "body": "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
  },
  {
   "method": "POST",
   "chunks": [
    "ab",
    "cde"
   ]
  }
 ]
}
]]
local function measure(handle)
  local size = handle:body():length()
  handle:headers():add("x-size", tostring(size))
end
envoy_on_request, envoy_on_response = measure, measure
