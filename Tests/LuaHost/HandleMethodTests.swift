internal import COpenSSL
internal import Filtering
internal import GatewayConfig
internal import Primitives
internal import TestSupport
import Testing

@testable internal import LuaHost

@Suite struct HandleMethodTests {
    @Test("respond answers with status, repeated headers and body, and ends the script")
    func responds() throws {
        let run = try ScriptedStream(
            """
            function on_request(handle)
              handle:respond({ [":status"] = 403, ["x-a"] = "1", ["set-cookie"] = { "a=1", "b=2" } }, "no\\n")
              handle:logInfo("not reached")
            end
            """
        )
        #expect(run.request() == .responded)
        let answer = try #require(run.stream.responses.first)
        #expect(answer.status == 403)
        #expect(
            answer.headers.sorted { $0 < $1 }.map { "\($0.name)=\($0.value)" } == [
                "set-cookie=a=1", "set-cookie=b=2", "x-a=1",
            ])
        #expect(String(decoding: answer.body, as: UTF8.self) == "no\n")
        #expect(answer.details == "lua_response")
        #expect(run.lines == [])
    }

    @Test("respond without a body sends none, and to-be-closed variables are closed")
    func respondsWithoutBody() throws {
        let run = try ScriptedStream(
            """
            function on_request(handle)
              local guard <close> = setmetatable({}, { __close = function() handle:logInfo("closed") end })
              handle:respond({ [":status"] = "204" })
            end
            """
        )
        #expect(run.request() == .responded)
        #expect(run.stream.responses.first?.body == [])
        #expect(run.lines == ["closed"])
        run.reset()
        #expect(run.request() == .responded)
    }

    @Test(
        "A wrong answer fails the script",
        arguments: [
            (#"handle:respond({})"#, "respond: `:status` must be 200...599, got nil"),
            (#"handle:respond({ [":status"] = 100 })"#, "respond: `:status` must be 200...599, got 100"),
            (
                #"handle:respond({ [":status"] = 200, [1] = "x" })"#,
                "respond: a header's name must be a string, got a number"
            ),
            (
                #"handle:respond({ [":status"] = 200, x = true })"#,
                "respond: the value of 'x' must be a string or a table of strings, got a boolean"
            ),
            (
                #"coroutine.wrap(function() handle:respond({ [":status"] = 200 }) end)()"#,
                "respond: possible in the hook itself only, not in a coroutine of the script"
            ),
        ]
    )
    func refusesBadAnswers(statement: String, why: String) throws {
        let lines = try logged(by: statement)
        #expect(lines.count == 1)
        #expect(lines[0].hasSuffix(why), "\(lines)")
    }

    @Test("respond is for requests")
    func respondInResponse() throws {
        let run = try ScriptedStream(#"function on_response(h) h:respond({ [":status"] = "200" }) end"#)
        #expect(run.response() == .failed)
        #expect(run.lines == ["test.lua:1: respond: possible in on_request only"])
    }

    @Test("Each log method writes with its level")
    func logs() throws {
        let run = try ScriptedStream(
            """
            function on_request(handle)
              for _, level in ipairs { "Trace", "Debug", "Info", "Warn", "Err", "Critical" } do
                handle["log" .. level](handle, level)
              end
              print("a", 1, nil)
            end
            """
        )
        run.request()
        #expect(run.lines == ["Trace", "Debug", "Info", "Warn", "Err", "Critical", "a\t1\tnil"])
        #expect(run.host.lines.map(\.level) == FilterLogLevel.allCases + [.info])
        #expect(run.host.lines.allSatisfy { $0.filter == "test" })
        run.host.level = .error
        run.request()
        #expect(run.lines.count == 9)
    }

    @Test("ssl tells of the client's TLS and certificate, in Envoy's words")
    func ssl() throws {
        let run = try ScriptedStream(
            """
            function on_request(handle)
              local both = { handle:connection():ssl(), handle:streamInfo():downstreamSslConnection() }
              for _, ssl in ipairs(both) do
                handle:logInfo(table.concat({
                  tostring(ssl:peerCertificatePresented()), tostring(ssl:peerCertificateValidated()),
                  ssl:tlsVersion(), ssl:ciphersuiteString(), ssl:subjectPeerCertificate(),
                  ssl:uriSanPeerCertificate()[1], #ssl:dnsSansPeerCertificate(),
                  ssl:sha256PeerCertificateDigest(), ssl:serialNumberPeerCertificate(),
                  ssl:subjectLocalCertificate(), #ssl:uriSanLocalCertificate(),
                  table.concat(ssl:dnsSansLocalCertificate(), "+"),
                }, " "))
              end
              handle:logInfo(handle:streamInfo():requestedServerName())
            end
            """
        )
        run.stream.texts = [
            .connectionTLSVersion: "TLSv1.3", .connectionTLSCipher: "AES", .connectionMTLS: "true",
            .connectionSubjectPeerCertificate: "CN=web", .connectionURISANPeerCertificate: "spiffe://web",
            .connectionDigestPeerCertificate: "ab", .connectionSerialPeerCertificate: "01",
            .connectionSubjectLocalCertificate: "CN=a", .connectionDNSSANLocalCertificate: "a.example",
            .connectionDNSSANsLocalCertificate: "a.example\nb.example\nc.example",
            .connectionRequestedServerName: "b.example",
        ]
        run.request()
        let facts = "true true TLSv1.3 AES CN=web spiffe://web 0 ab 01 CN=a 0 a.example+b.example+c.example"
        #expect(run.lines == [facts, facts, "b.example"])
    }

    @Test("streamInfo and connection tell the facts of the connection")
    func streamInfo() throws {
        let run = try ScriptedStream(
            """
            function on_request(handle)
              local info = handle:streamInfo()
              for _, method in ipairs { "protocol", "routeName", "downstreamLocalAddress",
                  "downstreamDirectLocalAddress",
                  "downstreamRemoteAddress", "downstreamDirectRemoteAddress", "requestedServerName" } do
                handle:logInfo(info[method](info))
              end
              handle:logInfo(tostring(handle:connection():ssl()))
            end
            """
        )
        run.stream.texts = [
            .requestProtocol: "HTTP/1.1", .connectionLocalAddress: "127.0.0.1:80", .sourceAddress: "::1",
            .connectionRemoteAddress: "[::1]:4",
        ]
        run.stream.integers = [.sourcePort: 9]
        run.request()
        #expect(
            run.lines == ["HTTP/1.1", "", "127.0.0.1:80", "127.0.0.1:80", "[::1]:9", "[::1]:4", "", "nil"]
        )
    }

    @Test("attribute reads any attribute by name and names the allowed ones otherwise")
    func attributes() throws {
        let run = try ScriptedStream(
            """
            function on_request(handle)
              local info = handle:streamInfo()
              handle:logInfo(math.type(info:attribute("response.code")))
              handle:logInfo(info:attribute("request.headers['x-user']"))
              handle:logInfo(tostring(info:attribute("route.name")))
              info:attribute("request.metod")
            end
            """
        )
        run.stream.setRequest([("x-user", "jason")])
        run.stream.integers = [.responseCode: 200]
        run.request()
        #expect(run.lines.prefix(3) == ["integer", "jason", "nil"])
        #expect(
            run.lastLine.hasPrefix("test.lua:6: attribute: 'request.metod' is no attribute; allowed are "))
    }

    @Test("timestamp is in milliseconds unless asked otherwise")
    func timestamps() throws {
        let lines = try logged(
            by: """
                handle:logInfo(handle:timestamp() .. " " .. math.type(handle:timestamp()))
                handle:logInfo(handle:timestamp(EnvoyTimestampResolution.MILLISECOND))
                handle:logInfo(handle:timestampString(EnvoyTimestampResolution.MICROSECOND))
                handle:logInfo(handle:timestampString())
                """
        )
        #expect(lines == ["1700000000123 integer", "1700000000123", "1700000000123456", "1700000000123"])
    }

    @Test(
        "base64Escape pads",
        arguments: [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("\\0\\255\\254", "AP/+")])
    func base64(text: String, expected: String) throws {
        #expect(try logged(by: "handle:logInfo(handle:base64Escape('\(text)'))") == [expected])
    }

    @Test("Keys and signatures that are none leave nothing in OpenSSL's queue of errors")
    func leavesNoErrors() throws {
        ERR_clear_error()
        #expect(try logged(by: "handle:logInfo(tostring(handle:importPublicKey('xxxx', 4)))") != [])
        #expect(ERR_peek_error() == 0)
        // An Ed25519 key, which signs no digest.
        let made = try logged(
            by: """
                local der = "\\x30\\x2a\\x30\\x05\\x06\\x03\\x2b\\x65\\x70\\x03\\x21\\x00" .. ("a"):rep(32)
                local key = handle:importPublicKey(der, #der)
                handle:logInfo(tostring((handle:verifySignature("sha256", key, "sig", 3, "data", 4))))
                """)
        #expect(made == ["false"])
        #expect(ERR_peek_error() == 0)
    }

    @Test("clearRouteCache clears the route")
    func clearsRoute() throws {
        let run = try ScriptedStream("function on_request(handle) handle:clearRouteCache() end")
        run.request()
        #expect(run.stream.routesCleared == 1)
    }

    @Test("on_complete reads both heads and changes neither")
    func completes() throws {
        let run = try ScriptedStream(
            """
            function on_complete(handle)
              handle:logInfo(handle:headers():get(":path") .. handle:responseHeaders():get(":status"))
              handle:logInfo(tostring(handle:trailers()))
              handle:headers():add("x", "1")
            end
            """
        )
        run.stream.setResponse(status: 204)
        run.filter.complete(run.stream, run.slot)
        #expect(run.lines == ["/204", "nil", "test.lua:4: add: these headers are for reading"])
        #expect(run.stream.errors == [3])
        #expect(
            run.filter.phases
                == FilterPhases(.complete).union(run.filter.phases.intersection([FilterPhases(.requestBody)]))
        )
    }
}
