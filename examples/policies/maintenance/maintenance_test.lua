local config = { from = "2025-01-01T00:10:00Z", ["until"] = "2025-01-01T00:20:00Z", open = { "/healthz" },
  cookie = "let-me-in" }

test("before and after the window requests pass", function()
  local site = policy { config = config }
  expect.equal(site:request { path = "/" }.status, 200)
  advance(20 * 60)
  expect.equal(site:request { path = "/" }.status, 200)
end)

test("within it the page says when to come back", function()
  local site = policy { config = config }
  advance(15 * 60)
  local result = site:request { path = "/shop" }
  expect.equal(result.status, 503)
  expect.equal(result.headers["retry-after"], "299")
  expect.contains(result.body, "Wed, 01 Jan 2025 00:20:00 GMT")
  expect.absent(result.request)
end)

test("health checks and operators pass", function()
  local site = policy { config = config }
  advance(15 * 60)
  expect.equal(site:request { path = "/healthz?full" }.status, 200)
  expect.equal(site:request { headers = { cookie = "a=b; maintenance=let-me-in" } }.status, 200)
  expect.equal(site:request { headers = { cookie = "maintenance=let-me-out" } }.status, 503)
end)

test("a time that is none is refused when the script is loaded", function()
  expect.fails(function() policy { config = { from = "tomorrow", ["until"] = "2025-01-01" } } end, "`from` must be a time")
end)
