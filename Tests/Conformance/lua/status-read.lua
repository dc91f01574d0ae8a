--[[case
{
 "what": "The response shows its status as a text",
 "requests": [
  {}
 ],
 "response": {
  "status": 404
 }
}
]]
function envoy_on_response(handle)
  local status = handle:headers():get(":status")
  handle:headers():add("x-status", type(status) .. " " .. status)
end
