--[[case
{
 "what": "Chunks are cleared and the last one set",
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
  handle:headers():replace("content-type", "text/html")
  local last
  for chunk in handle:bodyChunks() do
    chunk:setBytes("")
    last = chunk
  end
  last:setBytes("<b>replaced</b>")
end
