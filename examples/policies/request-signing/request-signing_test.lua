local gateway = function() return policy { config = { key = "correct horse", keyID = "k1" } } end

local function signature(method, path, time, body)
  local text = table.concat({ method, path, time, postern.sha256(body) }, "\n")
  return "keyId=k1,time=" .. time .. ",signature=" .. postern.hmac("sha256", "correct horse", text, "base64")
end

test("a request without a body is signed", function()
  local result = gateway():request { path = "/a?b=c" }
  expect.equal(result.request.headers["x-signature"], signature("GET", "/a?b=c", "1735689601", ""))
end)

test("the body counts, however it arrives", function()
  local result = gateway():request { method = "POST", path = "/", chunks = { "hel", "lo" } }
  expect.equal(result.request.headers["x-signature"], signature("POST", "/", "1735689601", "hello"))
  expect.equal(result.request.body, "hello")
end)

test("a signature of the client's own is replaced", function()
  local result = gateway():request { headers = { ["x-signature"] = "mine" } }
  expect.contains(result.request.headers["x-signature"], "keyId=k1")
end)
