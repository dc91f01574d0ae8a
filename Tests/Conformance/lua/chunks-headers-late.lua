--[[case
{
 "what": "A header cannot be changed once pieces of the body have passed",
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
  handle:headers():add("x-early", "1")
  for chunk in handle:bodyChunks() do end
  handle:headers():add("x-late", "1")
end
