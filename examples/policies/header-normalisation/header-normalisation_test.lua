local config = {
  rename = { ["x-apikey"] = "x-api-key" }, default = { ["accept-language"] = "en" },
  drop = { "x-internal-user" }, lower = { "x-tenant" },
}

local function seen(fields) return policy { config = config }:request { headers = fields }.request.headers end

test("an old name becomes the new one, which wins when both are there", function()
  local headers = seen { ["X-ApiKey"] = "k" }
  expect.equal(headers["x-api-key"], "k")
  expect.absent(headers["x-apikey"])
  expect.equal(seen { ["x-apikey"] = "old", ["x-api-key"] = "new" }["x-api-key"], "new")
end)

test("a default is set only where nothing is", function()
  expect.equal(seen({})["accept-language"], "en")
  expect.equal(seen({ ["accept-language"] = "de" })["accept-language"], "de")
end)

test("what is not for clients goes", function() expect.absent(seen({ ["x-internal-user"] = "root" })["x-internal-user"]) end)

test("several values become one list in lower case", function()
  expect.equal(seen({ ["x-tenant"] = { "ACME", "Other" } })["x-tenant"], "acme,other")
end)
