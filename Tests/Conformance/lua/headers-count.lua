--[[case
{
 "what": "getNumValues counts values",
 "requests": [
  {
   "headers": {
    "x-many": [
     "a",
     "b",
     "c"
    ],
    "x-one": "z"
   }
  }
 ]
}
]]
function envoy_on_request(handle)
  local h = handle:headers()
  h:add("x-n", h:getNumValues("x-many") .. "," .. h:getNumValues("x-one") .. "," .. h:getNumValues("x-none"))
end
