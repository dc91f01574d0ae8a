local function ask(key)
  local site = policy { config = { keys = { [postern.sha256("s3cret")] = "alice" } } }
  return site:request { headers = { ["x-api-key"] = key } }
end

test("a known key passes, and the service learns whose it is instead", function()
  local result = ask("s3cret")
  expect.equal(result.status, 200)
  expect.equal(result.request.headers["x-consumer"], "alice")
  expect.absent(result.request.headers["x-api-key"])
end)

test("another key and none are refused", function()
  expect.equal(ask("guess").status, 401)
  expect.equal(ask(nil).status, 401)
end)
