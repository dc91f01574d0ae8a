--[[case
{
 "what": "The facts of the route one after the other",
 "requests": [
  {}
 ],
 "metadata": {
  "b": "2",
  "a": "1"
 }
}
]]
function envoy_on_request(handle)
  local names = {}
  for name, value in pairs(handle:metadata()) do names[#names + 1] = name .. "=" .. tostring(value) end
  table.sort(names)
  handle:headers():add("x-facts", table.concat(names, ";"))
end
