local config = { name = "checkout", variants = { { name = "old", share = 80 }, { name = "new", share = 20 } } }

test("a new visitor gets a variant and a cookie", function()
  local result = policy { config = config }:request { headers = { ["x-request-id"] = "1" } }
  local variant = result.request.headers["x-variant"]
  expect.contains(result.headers["set-cookie"], "ab-checkout=" .. variant .. ";")
end)

test("who has a cookie keeps the variant and gets no other cookie", function()
  local result = policy { config = config }:request { headers = { cookie = "a=b; ab-checkout=new" } }
  expect.equal(result.request.headers["x-variant"], "new")
  expect.absent(result.headers["set-cookie"])
end)

test("a variant that is no more is chosen anew", function()
  local result = policy { config = config }:request { headers = { cookie = "ab-checkout=gone" } }
  expect.ok(result.headers["set-cookie"])
end)

test("the shares hold", function()
  local site, new = policy { config = config }, 0
  for id = 1, 500 do
    local result = site:request { headers = { ["x-request-id"] = tostring(id) } }
    if result.request.headers["x-variant"] == "new" then new = new + 1 end
  end
  expect.ok(new > 70 and new < 130, "20 % of 500 should be about 100, got " .. new)
end)
