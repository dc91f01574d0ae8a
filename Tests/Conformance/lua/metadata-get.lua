--[[case
{
 "what": "The facts of the route, of every kind",
 "requests": [
  {}
 ],
 "metadata": {
  "text": "a text",
  "flag": true,
  "number": 7,
  "list": [
   "x",
   "y"
  ],
  "object": {
   "inner": {
    "deep": "found"
   }
  }
 }
}
]]
function envoy_on_request(handle)
  local facts = handle:metadata()
  local h = handle:headers()
  h:add("x-text", facts:get("text"))
  h:add("x-flag", tostring(facts:get("flag")))
  h:add("x-number", tostring(facts:get("number") + 1 == 8))
  h:add("x-list", table.concat(facts:get("list"), ","))
  h:add("x-deep", facts:get("object").inner.deep)
  h:add("x-none", facts:get("none") and "some" or "none")
end
