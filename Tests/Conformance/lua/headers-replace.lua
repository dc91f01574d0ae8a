--[[case
{
 "what": "replace leaves one value and adds where there is none",
 "requests": [
  {
   "headers": {
    "x-a": [
     "old",
     "older"
    ]
   }
  }
 ],
 "response": {
  "headers": {
   "x-from": [
    "1",
    "2"
   ]
  }
 }
}
]]
function envoy_on_request(handle)
  handle:headers():replace("x-a", "new")
  handle:headers():replace("x-b", "made")
end
function envoy_on_response(handle)
  handle:headers():replace("x-from", "script")
end
