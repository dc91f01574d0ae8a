--[[case
{
 "what": "bodyChunks shows every byte once",
 "requests": [
  {}
 ],
 "response": {
  "body": "yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy"
 }
}
]]
function envoy_on_response(handle)
  local size = 0
  for chunk in handle:bodyChunks() do size = size + chunk:length() end
  handle:logInfo("seen " .. size)
end
