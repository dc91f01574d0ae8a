--[[schema
{ "type": "object", "additionalProperties": false, "required": ["key", "keyID"], "properties": {
    "key": { "type": "string", "minLength": 8, "writeOnly": true },
    "keyID": { "type": "string", "pattern": "^[A-Za-z0-9-]+$" } } }
]]
local config = postern.config

function on_request(handle)
  local headers = handle:headers()
  local body = handle:body()
  local text = body and body:getBytes(0, body:length()) or ""
  local time = tostring(postern.time.now())
  local signed = table.concat({ headers:get(":method"), headers:get(":path"), time, postern.sha256(text) }, "\n")
  local signature = postern.hmac("sha256", config.key, signed, "base64")
  headers:replace("x-signature", "keyId=" .. config.keyID .. ",time=" .. time .. ",signature=" .. signature)
end
