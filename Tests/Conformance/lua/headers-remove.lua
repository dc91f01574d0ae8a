--[[case
{
 "what": "remove takes every value, in any case",
 "requests": [
  {
   "headers": {
    "x-gone": [
     "1",
     "2"
    ],
    "x-stays": "3"
   }
  }
 ],
 "response": {
  "headers": {
   "X-Secret": "s",
   "x-open": "o"
  }
 }
}
]]
function envoy_on_request(handle) handle:headers():remove("X-Gone") handle:headers():remove("x-none") end
function envoy_on_response(handle) handle:headers():remove("x-secret") end
