--[[case
{
 "what": "There is no typed metadata here",
 "requests": [
  {}
 ]
}
]]
function envoy_on_request(handle)
  handle:headers():add("x-typed", (handle:streamInfo():dynamicTypedMetadata("a") or "none")
    .. (handle:connectionStreamInfo():dynamicTypedMetadata("a") or "none")
    .. (handle:streamInfo():filterState():get("a") or "none"))
end
