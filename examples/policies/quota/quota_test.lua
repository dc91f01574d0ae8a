local function ask(site, key, plan)
  return site:request { headers = { ["x-api-key"] = key }, dynamic_metadata = { account = { plan = plan } } }
end

test("requests count down, each key for itself", function()
  local site = policy { config = { perDay = 2 } }
  expect.equal(ask(site, "a").headers["x-quota-left"], "1")
  expect.equal(ask(site, "a").headers["x-quota-left"], "0")
  expect.equal(ask(site, "b").headers["x-quota-left"], "1")
end)

test("past the limit there is 429, until the next day", function()
  local site = policy { config = { perDay = 1 } }
  ask(site, "a")
  local result = ask(site, "a")
  expect.equal(result.status, 429)
  expect.equal(result.headers["retry-after"], "86398")
  expect.absent(result.headers["x-quota-left"])
  advance(86400)
  expect.equal(ask(site, "a").status, 200)
end)

test("a plan has a limit of its own", function()
  local site = policy { config = { perDay = 1, plans = { gold = 50 } } }
  expect.equal(ask(site, "a", "gold").headers["x-quota-left"], "49")
end)

test("without a key there is nothing", function()
  expect.equal(policy { config = { perDay = 1 } }:request {}.status, 401)
end)
