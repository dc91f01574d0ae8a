-- What header.lua does, for nginx.
local headers = ngx.req.get_headers()
local agent = headers["user-agent"]
local language = headers["accept-language"]
ngx.req.set_header("x-bench", #agent > #language and agent or language)
