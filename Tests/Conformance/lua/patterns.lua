--[[case
{
 "what": "String functions of Lua",
 "requests": [
  {
   "path": "/x/y?a=b&id=77"
  },
  {}
 ]
}
]]
function envoy_on_request(handle)
  local h = handle:headers()
  local path = h:get(":path")
  h:add("x-query", path:match("[?&]id=([^&]*)") or "none")
  h:add("x-parts", select(2, path:gsub("/", "/")))
  h:add("x-format", string.format("%05d|%-5s|%x|%q", 42, "ab", 255, "q"))
end
