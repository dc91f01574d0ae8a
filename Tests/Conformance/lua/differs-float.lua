--[[case
{
 "what": "A whole float is written as one in a text",
 "requests": [
  {}
 ],
 "differs": "0040-where-lua-differs-from-envoy"
}
]]
function envoy_on_request(handle) handle:headers():add("x-half", "" .. 10 / 2) end
