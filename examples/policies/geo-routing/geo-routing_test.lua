local config = { header = "cf-ipcountry", blocked = { "XX" }, regions = { DE = "eu" }, default = "us" }

local function ask(fields) return policy { config = config }:request { headers = fields } end

test("a known country gets its region, and the route is looked up again", function()
  local result = ask { ["cf-ipcountry"] = "de" }
  expect.equal(result.request.headers["x-region"], "eu")
  expect.equal(result.routes_cleared, 1)
end)

test("others and unknown ones get the default", function()
  expect.equal(ask { ["cf-ipcountry"] = "JP" }.request.headers["x-region"], "us")
  expect.equal(ask {}.request.headers["x-region"], "us")
end)

test("a client cannot choose its region", function()
  expect.equal(ask { ["cf-ipcountry"] = "DE", ["x-region"] = "us" }.request.headers["x-region"], "eu")
end)

test("a blocked country is refused", function() expect.equal(ask { ["cf-ipcountry"] = "XX" }.status, 451) end)
