--[[case
{
 "what": "A response body is replaced together with its type",
 "requests": [
  {}
 ],
 "response": {
  "status": 404,
  "headers": {
   "content-type": "application/json"
  },
  "body": "{\"error\":1}"
 }
}
]]
function envoy_on_response(handle)
  handle:body():setBytes("<b>not here</b>")
  handle:headers():replace("content-type", "text/html")
end
