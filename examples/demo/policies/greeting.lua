-- Answers /hello itself, marks every other request and response.
function on_request(handle)
  local path = handle:headers():get(":path")
  if path == "/hello" then
    handle:respond({ [":status"] = "200", ["content-type"] = "text/plain" }, "hello from Lua\n")
    return
  end
  handle:headers():replace("x-policy", "greeting")
end

function on_response(handle)
  handle:headers():replace("x-gateway", "postern")
end
