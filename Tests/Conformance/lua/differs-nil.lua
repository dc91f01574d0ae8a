--[[case
{
 "what": "What is absent is nil, where Envoy gives no value at all",
 "requests": [
  {}
 ],
 "differs": "0040-where-lua-differs-from-envoy"
}
]]
function envoy_on_request(handle)
  handle:headers():add("x-none", tostring(handle:headers():get("x-none")))
end
