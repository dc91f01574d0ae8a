--[[case
{
 "what": "Chunks are replaced as they pass",
 "requests": [
  {}
 ],
 "response": {
  "chunks": [
   "abc",
   "def"
  ]
 }
}
]]
function envoy_on_response(handle)
  for chunk in handle:bodyChunks() do
    if chunk:length() > 0 then chunk:setBytes(chunk:getBytes(0, chunk:length()):upper()) end
  end
end
