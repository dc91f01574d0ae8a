local config = { rules = { { path = "^/admin", claim = "role", values = { "admin" } } }, subject = "^/users/([^/]+)" }

local function ask(path, claims)
  local payload = claims and postern.base64.encode_url(postern.json.encode(claims))
  return policy { config = config }:request { path = path, headers = { ["x-jwt-payload"] = payload } }
end

test("without a token, with one that is none and with an old one there is no way in", function()
  expect.equal(ask("/").status, 401)
  local site = policy { config = config }
  expect.equal(site:request { headers = { ["x-jwt-payload"] = "%%%" } }.status, 401)
  expect.equal(ask("/", { sub = "jason", exp = 1 }).body, '{"error":"the token has expired"}')
end)

test("the service learns who it is, whatever the client says", function()
  expect.equal(ask("/", { sub = "jason", exp = 4e9 }).request.headers["x-user"], "jason")
end)

test("a claim opens a path, also as one of a list", function()
  expect.equal(ask("/admin/x", { sub = "a", role = "user" }).status, 403)
  expect.equal(ask("/admin/x", { sub = "a", role = "admin" }).status, 200)
  expect.equal(ask("/admin/x", { sub = "a", role = { "user", "admin" } }).status, 200)
end)

test("users see their own data only", function()
  expect.equal(ask("/users/jason/orders", { sub = "jason" }).status, 200)
  expect.equal(ask("/users/alice/orders", { sub = "jason" }).body, '{"error":"not yours"}')
end)
