--[[case
{
 "what": "The request line is read by its pseudo-fields",
 "requests": [
  {
   "path": "/a/b?c=d&e"
  },
  {
   "method": "PUT",
   "body": "x"
  }
 ]
}
]]
function envoy_on_request(handle)
  local h = handle:headers()
  h:add("x-line", h:get(":method") .. " " .. h:get(":path") .. " " .. h:get(":authority") .. " " .. h:get(":scheme"))
  h:add("x-host", tostring(h:get("host")))
end
