-- Reads two fields and sets one; runs unchanged in Envoy and in Postern.
function envoy_on_request(handle)
  local headers = handle:headers()
  local agent = headers:get("user-agent")
  local language = headers:get("accept-language")
  headers:replace("x-bench", #agent > #language and agent or language)
end
