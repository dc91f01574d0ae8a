local function ask(agent) return request { headers = { ["user-agent"] = agent } } end

test("a browser passes", function() expect.equal(ask("Mozilla/5.0 (X11; Linux)").status, 200) end)

test("a bot is refused, in any case", function()
  local result = ask("MegaBot/2.1")
  expect.equal(result.status, 403)
  expect.absent(result.request)
end)

test("a client without a name is refused", function() expect.equal(request {}.status, 403) end)

test("a wanted bot passes", function()
  local friendly = policy { config = { allowed = { "Googlebot" } } }
  expect.equal(friendly:request { headers = { ["user-agent"] = "Googlebot/2.1" } }.status, 200)
  expect.equal(friendly:request { headers = { ["user-agent"] = "Otherbot/2.1" } }.status, 403)
end)
