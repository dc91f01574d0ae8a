-- What header.lua does, for HAProxy.
core.register_action("header", { "http-req" }, function(txn)
  local headers = txn.http:req_get_headers()
  local agent = headers["user-agent"][0]
  local language = headers["accept-language"][0]
  txn.http:req_set_header("x-bench", #agent > #language and agent or language)
end)
