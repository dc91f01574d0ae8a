--[[case
{
 "what": "The words of the status line",
 "requests": [
  {}
 ]
}
]]
function envoy_on_response(handle) handle:headers():setHttp1ReasonPhrase("Quite Fine") end
