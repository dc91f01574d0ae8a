--[[case
{
 "what": "Spaces one after the other",
 "requests": [
  {}
 ]
}
]]
function envoy_on_request(handle)
  local dynamic = handle:streamInfo():dynamicMetadata()
  dynamic:set("one", "k", "v1")
  dynamic:set("two", "k", "v2")
  local seen = {}
  for space, values in pairs(dynamic) do
    if space == "one" or space == "two" then seen[#seen + 1] = space .. "=" .. values.k end
  end
  table.sort(seen)
  handle:headers():add("x-seen", table.concat(seen, ";"))
end
