--[[case
{
 "what": "What LuaJIT has beside Lua 5.1",
 "requests": [
  {}
 ]
}
]]
function envoy_on_request(handle)
  local h = handle:headers()
  h:add("x-bits", bit.band(0xFF, 0x0F) .. "," .. bit.bxor(5, 1) .. "," .. bit.lshift(1, 31) .. "," .. bit.tohex(255))
  h:add("x-unpack", table.concat({ unpack({ 1, 2, 3 }) }, ","))
  h:add("x-load", loadstring("return 1 + 1")())
  h:add("x-half", 10 / 2)
  h:add("x-getn", table.getn({ 1, 2 }))
end
