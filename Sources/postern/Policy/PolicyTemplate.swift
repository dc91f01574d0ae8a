/// What `postern policy new` writes.
enum PolicyTemplate {
    static let script = """
        --[[schema
        { "type": "object", "additionalProperties": false,
          "properties": { "blocked": { "type": "array", "items": { "type": "string" } } } }
        ]]
        local blocked = postern.config.blocked or { "bot" }

        function on_request(handle)
          local agent = (handle:headers():get("user-agent") or ""):lower()
          for _, word in ipairs(blocked) do
            if agent:find(word, 1, true) then
              handle:respond({ [":status"] = "403", ["content-type"] = "text/plain" }, "not for you\\n")
            end
          end
        end

        function on_response(handle)
          handle:headers():add("x-policy", "checked")
        end

        """

    static let test = """
        test("a browser passes and its response is marked", function()
          local result = request { path = "/", headers = { ["user-agent"] = "Mozilla/5.0" } }
          expect.equal(result.status, 200)
          expect.equal(result.headers["x-policy"], "checked")
          expect.ok(result.request, "the service was not asked")
        end)

        test("a bot is refused", function()
          local result = request { headers = { ["user-agent"] = "Megabot/2" } }
          expect.equal(result.status, 403)
          expect.equal(result.body, "not for you\\n")
          expect.absent(result.request)
        end)

        test("other words can be configured", function()
          local strict = policy { config = { blocked = { "curl" } } }
          expect.equal(strict:request { headers = { ["user-agent"] = "curl/8" } }.status, 403)
        end)

        """
}
