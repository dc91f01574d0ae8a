--[[schema
{ "type": "object", "additionalProperties": false, "required": ["service", "path"], "properties": {
    "service": { "type": "string" }, "path": { "type": "string", "pattern": "^/" },
    "cacheSeconds": { "type": "integer", "minimum": 0 }, "failOpen": { "type": "boolean" } } }
]]
local config = postern.config
local keep = config.cacheSeconds or 5

local function ask(handle, question)
  local headers, body = handle:httpCall(config.service, {
    [":method"] = "POST", [":path"] = config.path, [":authority"] = config.service,
    ["content-type"] = "application/json",
  }, question, 500)
  if headers[":status"] ~= "200" then return nil end
  local answer = postern.json.decode(body or "")
  if type(answer) ~= "table" then return nil end
  return answer.result
end

function on_request(handle)
  local headers = handle:headers()
  local question = postern.json.encode { input = {
    method = headers:get(":method"), path = headers:get(":path"), user = headers:get("x-user"),
  } }
  local key = postern.sha256(question)
  local decision = keep > 0 and postern.store.get(key) or nil
  if not decision then
    local result = ask(handle, question)
    if result == nil then
      handle:logErr("the decision service did not answer")
      decision = config.failOpen and "yes" or "unknown"
    else
      decision = result == true and "yes" or "no"
      if keep > 0 then postern.store.set(key, decision, keep) end
    end
  end
  if decision == "unknown" then handle:respond({ [":status"] = "503" }, "cannot decide now\n") end
  if decision == "no" then handle:respond({ [":status"] = "403" }, "not allowed\n") end
end
