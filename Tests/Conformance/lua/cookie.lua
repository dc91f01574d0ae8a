--[[case
{
 "what": "A cookie is read and one is set",
 "requests": [
  {
   "headers": {
    "cookie": "a=b; session=s1; c=d"
   }
  },
  {}
 ],
 "response": {
  "headers": {
   "set-cookie": "own=1"
  }
 }
}
]]
function envoy_on_request(handle)
  local cookie = handle:headers():get("cookie") or ""
  handle:headers():add("x-session", cookie:match("session=([^;]*)") or "none")
end
function envoy_on_response(handle)
  handle:headers():add("set-cookie", "seen=1; Path=/")
  handle:headers():add("set-cookie", "lang=lua")
end
