--[[case
{
 "what": "return_duplicate_headers gives all of them",
 "requests": [
  {}
 ]
}
]]
function envoy_on_request(handle)
  local headers = handle:httpCall("auth",
    { [":method"] = "GET", [":path"] = "/service/many", [":authority"] = "auth" }, nil,
    { timeout_ms = 5000, return_duplicate_headers = true, trace_sampled = false })
  handle:headers():add("x-key", type(headers["key"]) .. ":" .. table.concat(headers["key"], "+") .. ":" .. headers["one"])
end
