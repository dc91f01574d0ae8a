import TestSupport
import Testing

extension Scenarios {
    /// What scripts ask of the gateway around them: services, endpoints, metadata, the connection.
    @Suite(
        .scenario(
            Asking.configuration, backends: ["backend", "auth"], files: Asking.files,
            versions: HTTPVersion.allCases))
    struct LuaServiceTests {
        let scenario: Scenario

        init() throws { self.scenario = try Scenario.current }

        @Test("A script calls a service, and the request goes on with what it said")
        func call() throws {
            let response = try self.scenario.ask("/call", fields: "x-user: jason\r\n")
            #expect(response.text == "backend")
            let asked = try #require(try self.scenario.backend("auth").takeRequests().last)
            #expect(asked.target == "/check")
            #expect(asked["host"] == "auth.internal")
            #expect(asked["x-user"] == "jason")
            #expect(asked["content-length"] == "5")
            #expect(asked.text == "hello")
            let request = try #require(try self.scenario.backend().takeRequests().last)
            #expect(request["x-auth"] == "200 auth")
        }

        @Test("A body can be asked for after a call, sent to a service and replaced by what comes back")
        func bodyAfterCall() throws {
            let response = try self.scenario.ask("/body", method: "POST", body: "12345")
            #expect(response.text == "backend")
            let request = try #require(try self.scenario.backend().takeRequests().last)
            #expect(request.text == "12345auth")
            let empty = try self.scenario.ask("/body")
            #expect(empty.text == "backend")
            #expect(try self.scenario.backend().takeRequests().last?.text == "auth")
        }

        @Test("A chunked body that a script waited for goes on with its length, and nothing of the chunks")
        func buffered() throws {
            let connection = try self.scenario.proxy.connect()
            try connection.send("POST /buffered HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n")
            try connection.send("2\r\nab\r\n3\r\ncde\r\n0\r\n\r\n")
            #expect(try connection.readResponse().text == "backend")
            let request = try #require(try self.scenario.backend().takeRequests().last)
            #expect(request["content-length"] == "5")
            #expect(request.text == "abcde")
            #expect(try self.scenario.ask("/buffered").text == "backend")
        }

        @Test("Two scripts may wait for the same body, the second one sees what the first one made of it")
        func bufferedTwice() throws {
            for fields in [
                "Content-Length: 3\r\n\r\nabc", "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
            ] {
                let connection = try self.scenario.proxy.connect()
                try connection.send("POST /twice HTTP/1.1\r\nHost: a\r\n\(fields)")
                #expect(try connection.readResponse().text == "backend")
                #expect(try self.scenario.backend().takeRequests().last?.text == "<<abc>>")
            }
            #expect(try self.scenario.ask("/twice").text == "backend")
        }

        @Test("A script that stops at each piece of a body does not disturb one that waits for all of it")
        func pausedWhileBuffered() throws {
            for fields in [
                "Content-Length: 6\r\n\r\nabcdef",
                "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n3\r\ndef\r\n0\r\n\r\n",
                "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n3\r\ndef\r\n0\r\nx-t: 1\r\n\r\n",
            ] {
                let connection = try self.scenario.proxy.connect()
                try connection.send("POST /pieces HTTP/1.1\r\nHost: a\r\n\(fields)")
                #expect(try connection.readResponse().text == "backend")
                #expect(try self.scenario.backend().takeRequests().last?.text == "<abcdef>")
            }
        }

        @Test("A response waits for a call, and its body is replaced")
        func response() throws {
            let response = try self.scenario.ask("/response")
            #expect(response.text == "backendauth")
            // HTTP/2 has no words for it.
            let isHTTP2 = self.scenario.version == .http2
            #expect(response.startLine == (isHTTP2 ? "HTTP/2 200" : "HTTP/1.1 200 Quite Fine"))
        }

        @Test("A call that fails at once is seen by the script; a script that fails then is answered 500")
        func failures() throws {
            #expect(try self.scenario.ask("/dead").text == "503")
            #expect(try self.scenario.ask("/fails").status == 500)
            #expect(try self.scenario.ask("/refuses").status == 403)
        }

        @Test("The endpoint that a script names is taken, another only when it is not strict")
        func override() throws {
            #expect(try self.scenario.ask("/override", fields: "x-strict: no\r\n").status == 200)
            #expect(try self.scenario.ask("/override", fields: "x-strict: yes\r\n").status == 503)
            let address = try self.scenario.backend("auth").address
            for _ in 0..<4 {
                let response = try self.scenario.ask(
                    "/override", fields: "x-to: \(address)\r\nx-strict: yes\r\n")
                #expect(response.text == "auth")
            }
        }

        @Test("A rule's metadata and its own configuration of a script reach the script")
        func metadata() throws {
            #expect(try self.scenario.ask("/plain").text == "listener none")
            #expect(try self.scenario.ask("/facts").text == "rule gold")
        }

        @Test("A drained connection is closed after its response")
        func drain() throws {
            let response = try self.scenario.ask("/drain")
            // In HTTP/2 GOAWAY says so.
            #expect(response["connection"] == (self.scenario.version == .http1 ? "close" : nil))
        }
    }
}

private enum Asking {
    private static let call = """
        local function call(handle, service)
          return handle:httpCall(service, {
            [":method"] = "POST", [":path"] = "/check", [":authority"] = "auth.internal",
            ["x-user"] = handle:headers():get("x-user") or "nobody",
          }, "hello", 5000)
        end

        """
    static let files = [
        "call.lua": call + """
            function on_request(handle)
              local headers, body = call(handle, "auth")
              handle:headers():add("x-auth", headers[":status"] .. " " .. body)
            end
            """,
        "body.lua": call + """
            function on_request(handle)
              local headers, body = call(handle, "auth")
              local text = handle:body(true):getBytes(0, handle:body(true):length())
              headers, body = call(handle, "auth")
              handle:body(true):setBytes(text .. body)
            end
            """,
        "response.lua": call + """
            function on_response(handle)
              local headers, said = call(handle, "auth")
              local body = handle:body()
              body:setBytes(body:getBytes(0, body:length()) .. said)
              handle:headers():setHttp1ReasonPhrase("Quite Fine")
            end
            """,
        "twice.lua": """
        function on_request(handle)
          local body = handle:body()
          if body then body:setBytes("<" .. body:getBytes(0, body:length()) .. ">") end
        end
        """,
        "pieces.lua": call + """
            function on_request(handle)
              for chunk in handle:bodyChunks() do call(handle, "auth") end
            end
            """,
        "buffered.lua": "function on_request(handle) handle:body() end",
        "dead.lua": call + """
            function on_request(handle)
              local headers = call(handle, "dead")
              handle:respond({ [":status"] = "200" }, headers[":status"])
            end
            """,
        "fails.lua": call + "function on_request(handle) call(handle, 'auth') error('on purpose') end",
        "refuses.lua": call
            + "function on_request(handle) call(handle, 'auth') handle:respond({ [':status'] = '403' }) end",
        "override.lua": """
        function on_request(handle)
          local to = handle:headers():get("x-to") or "127.0.0.1:1"
          handle:setUpstreamOverrideHost(to, handle:headers():get("x-strict") == "yes")
        end
        """,
        "facts.lua": """
        function on_request(handle)
          local tier = handle:metadata():get("tier") or "none"
          if not handle:headers():get(":path"):find("^/[pf]") then return end
          handle:respond({ [":status"] = "200" }, (postern.config.name or "") .. " " .. tier)
        end
        """,
        "drain.lua":
            "function on_request(handle) handle:streamInfo():drainConnectionUponCompletion() end",
    ]
    private static func rule(_ name: String, _ more: String = "service: backend") -> String {
        """
              - match: { path: { prefix: /\(name) } }
                filters: [{ lua: "{folder}/\(name).lua", budget: { time: 1s } }]
                filterConfig: [{ filter: facts, disabled: true }]
                \(more)

        """
    }
    static let configuration = """
        listeners:
          - name: public
            address: "127.0.0.1:0"
            filters: [{ lua: "{folder}/facts.lua", config: { name: listener } }]
        routes:
          - name: all
            rules:
              - match: { path: { prefix: /facts } }
                filterConfig: [{ filter: facts, config: { name: rule } }]
                metadata: { facts: { tier: gold } }
                service: backend
              - match: { path: { prefix: /twice } }
                filters: [{ lua: "{folder}/twice.lua" }, { lua: "{folder}/twice.lua", name: again }]
                filterConfig: [{ filter: facts, disabled: true }]
                service: backend
              - match: { path: { prefix: /pieces } }
                filters: [{ lua: "{folder}/pieces.lua" }, { lua: "{folder}/twice.lua" }]
                filterConfig: [{ filter: facts, disabled: true }]
                service: backend
              - match: { path: { prefix: /plain } }
                service: backend

        """ + Asking.rule("call") + Asking.rule("buffered") + Asking.rule("body") + Asking.rule("response")
        + Asking.rule("dead")
        + Asking.rule("fails") + Asking.rule("refuses") + Asking.rule("override", "service: both")
        + Asking.rule("drain") + """
            services:
              - { name: backend, endpoints: [{backend}] }
              - { name: auth, endpoints: [{auth}] }
              - { name: both, endpoints: [{backend}, {auth}] }
              - { name: dead, endpoints: ["127.0.0.1:1"] }
            """
}
