--[[case
{
 "what": "pairs shows names in lower case with every value",
 "requests": [
  {
   "headers": {
    "X-Tb": "2",
    "x-ta": [
     "1",
     "3"
    ]
   }
  }
 ]
}
]]
function envoy_on_request(handle)
  local seen = {}
  for name, value in pairs(handle:headers()) do
    if name:find("^x%-t") then seen[#seen + 1] = name .. "=" .. value end
  end
  table.sort(seen)
  handle:headers():add("x-seen", table.concat(seen, ";"))
end
