--[[case
{
 "what": "A call carries the address of the gateway",
 "requests": [
  {}
 ],
 "keeps": [
  "x-envoy-internal",
  "x-envoy-expected-rq-timeout-ms"
 ],
 "differs": "0040-where-lua-differs-from-envoy"
}
]]
function envoy_on_request(handle)
  handle:httpCall("auth", { [":method"] = "GET", [":path"] = "/service/echo", [":authority"] = "auth" }, nil, 5000)
end
