--[[case
{
 "what": "Of several fields of an answer the last one counts",
 "requests": [
  {}
 ]
}
]]
function envoy_on_request(handle)
  local headers = handle:httpCall("auth",
    { [":method"] = "GET", [":path"] = "/service/many", [":authority"] = "auth" }, nil, { timeout_ms = 5000 })
  handle:headers():add("x-key", headers["key"])
end
