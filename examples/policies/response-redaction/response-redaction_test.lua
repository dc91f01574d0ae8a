local function ask(response, scopes)
  return policy { config = { members = { "ssn" } } }:request {
    response = response, dynamic_metadata = { auth = { scopes = scopes or {} } },
  }
end

local function json(text) return { headers = { ["content-type"] = "application/json", etag = "x" }, body = text } end

test("members go wherever they are", function()
  local result = ask(json '{"users":[{"name":"Jo","ssn":"123"}],"ssn":1}')
  expect.equal(result.body, '{"ssn":"[redacted]","users":[{"name":"Jo","ssn":"[redacted]"}]}')
  expect.absent(result.headers.etag)
end)

test("card numbers go from text of any kind", function()
  expect.equal(ask(json '{"note":"4111 1111 1111 1234"}').body, '{"note":"4111********1234"}')
  local text = { headers = { ["content-type"] = "text/plain" }, chunks = { "card 41111111", "11111234." } }
  expect.equal(ask(text).body, "card 4111********1234.")
end)

test("JSON that is broken is treated as text", function()
  expect.equal(ask(json "{4111-1111-1111-1234").body, "{4111********1234")
end)

test("who may see it sees it, and what is no text passes", function()
  expect.equal(ask(json '{"ssn":1}', { "pii" }).body, '{"ssn":1}')
  expect.equal(ask({ headers = { ["content-type"] = "image/png" }, body = "ssn" }).body, "ssn")
end)
