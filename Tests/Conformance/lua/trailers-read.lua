--[[case
{
 "what": "Trailers are read after the body",
 "requests": [
  {}
 ],
 "response": {
  "chunks": [
   "abc"
  ],
  "trailers": {
   "x-sum": "9"
  }
 }
}
]]
function envoy_on_response(handle)
  local body = handle:body()
  local trailers = handle:trailers()
  trailers:add("x-from-script", trailers:get("x-sum") .. "!")
end
