local function ask(config, fields, status)
  return policy { config = config }:request { path = "/a", headers = fields, response = { status = status } }
end

test("a listed user goes to the canary", function()
  local result = ask({ users = { "jason" } }, { ["x-user"] = "jason" })
  expect.equal(result.request.headers["x-canary"], "true")
  expect.equal(result.routes_cleared, 1)
end)

test("nobody gets there by asking", function()
  expect.absent(ask({}, { ["x-user"] = "alice", ["x-canary"] = "true" }).request.headers["x-canary"])
  expect.absent(ask({ percent = 100 }, {}).request.headers["x-canary"])
end)

test("a share of the users goes there, always the same ones", function()
  local site, count = policy { config = { percent = 10 } }, 0
  for user = 1, 300 do
    local headers = { ["x-user"] = "user" .. user }
    local first = site:request { headers = headers }.request.headers["x-canary"]
    expect.equal(site:request { headers = headers }.request.headers["x-canary"], first)
    if first then count = count + 1 end
  end
  expect.ok(count > 12 and count < 55, "10 % of 300 should be about 30, got " .. count)
end)

test("its failures are logged", function()
  expect.logged(ask({ users = { "jason" } }, { ["x-user"] = "jason" }, 503), "the canary failed: /a")
end)
