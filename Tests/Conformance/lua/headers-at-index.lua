--[[case
{
 "what": "getAtIndex counts from 0",
 "requests": [
  {
   "headers": {
    "x-many": [
     "a",
     "b",
     "c"
    ]
   }
  }
 ]
}
]]
function envoy_on_request(handle)
  local h = handle:headers()
  for i = 0, 3 do h:add("x-at", i .. "=" .. (h:getAtIndex("x-many", i) or "none")) end
  h:add("x-at", h:getAtIndex("x-none", 0) or "none")
end
