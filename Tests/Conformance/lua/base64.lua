--[[case
{
 "what": "base64Escape",
 "requests": [
  {}
 ]
}
]]
function envoy_on_request(handle)
  handle:headers():add("x-base64", handle:base64Escape("binary \0\255") .. handle:base64Escape(""))
end
