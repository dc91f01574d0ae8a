--[[case
{
 "what": "get finds in any case, joins several values, and is nil for none",
 "requests": [
  {
   "headers": {
    "x-one": "1",
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
  h:add("x-saw", h:get("X-One") .. "/" .. h:get("x-many") .. "/" .. (h:get("x-none") or "none"))
end
