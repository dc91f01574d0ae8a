local config = { service = "opa", path = "/v1/data/http/allow" }
local yes, no = { body = '{"result":true}' }, { body = '{"result":false}' }

local function ask(site, answer)
  return site:request { path = "/a", headers = { ["x-user"] = "jason" }, services = { opa = answer } }
end

test("the service is asked and obeyed", function()
  local result = ask(policy { config = config }, yes)
  expect.equal(result.status, 200)
  expect.equal(result.callouts[1].body, '{"input":{"method":"GET","path":"/a","user":"jason"}}')
  expect.equal(ask(policy { config = config }, no).status, 403)
end)

test("a decision is remembered, not for long", function()
  local site = policy { config = config }
  ask(site, no)
  expect.equal(#ask(site, yes).callouts, 0)
  advance(5)
  expect.equal(ask(site, yes).status, 200)
end)

test("without an answer nobody passes, unless the configuration says so", function()
  local site = policy { config = config }
  expect.equal(ask(site, { delay_ms = 600 }).status, 503)
  expect.equal(ask(site, { body = "what?" }).status, 503)
  expect.equal(ask(site, { failure = "unreachable" }).status, 503)
  local open = policy { config = { service = "opa", path = "/", failOpen = true } }
  local result = ask(open, { status = 500 })
  expect.equal(result.status, 200)
  expect.logged(result, "did not answer")
end)
