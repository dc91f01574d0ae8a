test("what is missing is added", function()
  local headers = request {}.headers
  expect.equal(headers["x-content-type-options"], "nosniff")
  expect.equal(headers["strict-transport-security"], "max-age=31536000; includeSubDomains")
  expect.equal(headers["content-security-policy"], "default-src 'self'")
end)

test("what the service has set stays", function()
  local result = request { response = { headers = { ["X-Frame-Options"] = "SAMEORIGIN" } } }
  expect.equal(result.headers["x-frame-options"], "SAMEORIGIN")
end)

test("what tells too much goes", function()
  local site = policy { config = { remove = { "server", "x-powered-by" }, hstsSeconds = 0 } }
  local result = site:request { response = { headers = { server = "old/1.0", ["x-powered-by"] = "old" } } }
  expect.absent(result.headers.server)
  expect.absent(result.headers["x-powered-by"])
  expect.absent(result.headers["strict-transport-security"])
end)
