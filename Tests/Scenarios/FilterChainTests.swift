import TestSupport
import Testing

extension Scenarios {
    /// `key-auth`, `rate-limit`, `headers` and a script in one listener, with what rules change of them.
    @Suite(
        .scenario(Chain.configuration, files: ["greeting.lua": Chain.script], versions: HTTPVersion.allCases))
    struct FilterChainTests {
        let scenario: Scenario
        let backend: RawBackend

        init() throws {
            self.scenario = try Scenario.current
            self.backend = try self.scenario.backend()
            _ = self.backend.takeRequests()
        }

        private func ask(_ target: String, as user: String, _ fields: String = "") throws -> RawMessage {
            try self.scenario.ask(target, fields: "x-api-key: key-of-\(user)\r\n\(fields)")
        }

        @Test("A request with a key passes the chain, and each filter leaves its mark on both messages")
        func passes() throws {
            let response = try self.ask("/reviews", as: "alice", "x-secret: 1\r\nx-consumer: root\r\n")
            #expect(response.status == 200)
            #expect(response["x-chain"] == "passed")
            #expect(response["x-route"] == "1")
            #expect(response["ratelimit-limit"] == "3")
            let request = try #require(self.backend.takeRequests().first)
            #expect(request.all("x-consumer") == ["alice"])
            #expect(request["x-user"] == "alice")
            #expect(request["x-policy"] == "greeting")
            #expect(request["x-secret"] == nil)
            #expect(request["x-api-key"] == nil)
        }

        @Test("A request without a key, or with a wrong one, gets 401 and reaches nobody")
        func keyless() throws {
            for fields in ["", "x-api-key: key-of-mallory\r\n", "x-api-key: \r\n"] {
                let response = try self.scenario.ask("/keyless", fields: fields)
                #expect(response.status == 401)
                #expect(response["www-authenticate"] == "Key realm=\"postern\"")
                #expect(response["ratelimit-limit"] == nil, "key-auth comes before the limit")
            }
            #expect(self.backend.takeRequests().isEmpty)
            let flags = self.scenario.proxy.accessLog("/keyless", count: 3).map(\.response_code_details)
            #expect(flags == ["key_auth_no_key", "key_auth_unknown_key", "key_auth_unknown_key"])
        }

        @Test("Past the limit a client gets 429 with what it may do when, and others do not notice")
        func limited() throws {
            var remaining: [String?] = []
            for _ in 1...3 { remaining.append(try self.ask("/limited", as: "bob")["ratelimit-remaining"]) }
            #expect(remaining == ["2", "1", "0"])
            let refused = try self.ask("/limited", as: "bob")
            #expect(refused.status == 429)
            #expect(refused["ratelimit-limit"] == "3")
            #expect(refused["ratelimit-remaining"] == "0")
            // A third of a day for one token, whatever the time of the test took of it.
            let wait = try #require(refused["retry-after"].flatMap { Int($0) })
            #expect((28_000...28_800).contains(wait))
            let reset = try #require(refused["ratelimit-reset"].flatMap { Int($0) })
            #expect((86_000...86_400).contains(reset))
            #expect(refused["x-chain"] == nil, "headers comes after the limit and did not see the request")
            #expect(try self.ask("/limited", as: "carol").status == 200)
        }

        @Test("The script's own answer passes the response phases of the filters before it")
        func ownAnswer() throws {
            let response = try self.ask("/hello", as: "alice")
            #expect(response.status == 203)
            #expect(response.text == "hello from Lua")
            #expect(response["x-answer"] == "script")
            #expect(response["x-chain"] == "passed")
            #expect(response["x-route"] == nil, "the route's filter did not see the request")
            #expect(self.backend.takeRequests().isEmpty)
        }

        @Test("A rule runs without the filters that it disables")
        func disabled() throws {
            for _ in 1...5 {
                let response = try self.scenario.ask("/open/hello")
                #expect(response.status == 200)
                #expect(response["ratelimit-limit"] == nil)
                #expect(response["x-chain"] == "passed")
            }
            #expect(self.backend.takeRequests().allSatisfy { $0["x-policy"] == nil })
        }

        @Test("A rule's own limit has buckets of its own")
        func overridden() throws {
            let first = try self.ask("/strict", as: "carol")
            #expect(first.status == 200)
            #expect(first["ratelimit-limit"] == "1")
            #expect(try self.ask("/strict", as: "carol").status == 429)
        }

        @Test("A rule changes and disables filters of its route as it does those of the listener")
        func routeFilters() throws {
            let changed = try self.ask("/changed", as: "dave")
            #expect(changed["x-route"] == "2")
            let without = try self.ask("/without", as: "dave")
            #expect(without["x-route"] == nil)
            #expect(without["x-chain"] == "passed")
        }
    }
}

private enum Chain {
    static let configuration = """
        listeners:
          - name: public
            address: "127.0.0.1:0"
            filters:
              - plugin: key-auth
                config:
                  keys:
                    - { name: alice, key: key-of-alice }
                    - { name: bob, key: key-of-bob }
                    - { name: carol, key: key-of-carol }
                    - { name: dave, key: key-of-dave }
              - plugin: rate-limit
                config: { requests: 3, per: 24h, by: "request.headers['x-consumer']" }
              - plugin: headers
                config:
                  request: { set: { x-user: "%{request.headers['x-consumer']}" }, remove: [x-secret] }
                  response: { set: { x-chain: passed } }
              - lua: "{folder}/greeting.lua"
        routes:
          - name: shop
            filters:
              - { plugin: headers, name: route-headers, config: { response: { set: { x-route: "1" } } } }
            rules:
              - match: { path: { prefix: /open } }
                filterConfig:
                  - { filter: key-auth, disabled: true }
                  - { filter: rate-limit, disabled: true }
                  - { filter: greeting, disabled: true }
                service: backend
              - match: { path: { prefix: /strict } }
                filterConfig:
                  - filter: rate-limit
                    config: { requests: 1, per: 24h, by: "request.headers['x-consumer']" }
                service: backend
              - match: { path: { prefix: /changed } }
                filterConfig:
                  - { filter: route-headers, config: { response: { set: { x-route: "2" } } } }
                service: backend
              - match: { path: { prefix: /without } }
                filterConfig: [{ filter: route-headers, disabled: true }]
                service: backend
              - service: backend
        services:
          - { name: backend, endpoints: [{backend}] }
        """

    static let script = """
        function on_request(handle)
          if handle:headers():get(":path"):find("/hello", 1, true) then
            handle:respond({ [":status"] = "203", ["x-answer"] = "script" }, "hello from Lua")
          end
          handle:headers():replace("x-policy", "greeting")
        end
        """
}
