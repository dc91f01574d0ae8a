import Foundation
import TestSupport
import Testing

extension Scenarios {
    /// Endpoints by name: the real gateway, a real DNS server, backends at several loopback addresses.
    @Suite struct NameTests {
        /// Backends at one port of several addresses; so a name can be each of them.
        private static func backends(_ names: [String]) throws -> [RawBackend] {
            let hosts = ["127.0.0.1", "127.0.0.2", "127.0.0.3", "[::1]"]
            while true {
                let first = try RawBackend(names[0], at: "\(hosts[0]):0")
                let port = first.address.split(separator: ":").last ?? ""
                let others = try? zip(names, hosts).dropFirst().map {
                    try RawBackend($0, at: "\($1):\(port)")
                }
                if let others { return [first] + others }
            }
        }

        private static func port(_ backend: RawBackend) -> String {
            String(backend.address.split(separator: ":").last ?? "")
        }

        private static func configuration(
            _ port: String, _ resolver: String, _ dns: String = "", service: String = ""
        ) -> String {
            """
            listeners:
              - { name: public, address: "127.0.0.1:0" }
            routes:
              - { name: all, rules: [{ service: named }] }
            services:
              - name: named
                endpoints: ["dns:reviews.internal:\(port)"]
                dns: { resolvers: ["\(resolver)"], refresh: { min: 100ms, max: 100ms }\(dns) }
                \(service)
            """
        }

        private struct Entry: Decodable {
            let address: String?
            let name: String?
            let state: String?
            let addresses: [String]?
            let failures: Int?
            let last_failure: String?
            let next_lookup_seconds: Int?
        }

        private static func addresses(_ proxy: ProxyProcess) throws -> [String] {
            try proxy.adminJSON("/clusters?format=json", as: [Entry].self).compactMap(\.address)
        }

        private static func name(_ proxy: ProxyProcess) throws -> Entry {
            try #require(
                proxy.adminJSON("/clusters?format=json", as: [Entry].self).first { $0.name != nil })
        }

        @Test("A name that changes under load, through every server that it has, fails no request")
        func load() throws {
            let backends = try Self.backends(["a", "b", "c"])
            let hosts = ["127.0.0.1", "127.0.0.2", "127.0.0.3"]
            let dnsmasq = try Dnsmasq(["reviews.internal": [hosts[0]]])
            let proxy = try ProxyProcess(
                Self.configuration(Self.port(backends[0]), dnsmasq.address), workers: 2)
            let address = try #require(proxy.listeners["public"])
            let load = try LoadGenerator(address, depths: [1, 1, 1, 8])
            #expect(eventually { load.answered > 100 })
            for round in 1...12 {
                let some = round % 4 == 0 ? hosts : [hosts[round % 3]]
                try dnsmasq.set(["reviews.internal": some])
                let wanted = some.map { "\($0):\(Self.port(backends[0]))" }
                #expect(try eventually { try Self.addresses(proxy).sorted() == wanted })
                let before = load.answered
                #expect(eventually { load.answered > before + 50 })
            }
            let result = load.stop()
            #expect(result.failures == [])
            #expect(result.answered > 600)
            #expect(backends.allSatisfy { !$0.takeRequests().isEmpty })
            // Whoever has left has no connection any more.
            try dnsmasq.set(["reviews.internal": [hosts[0]]])
            #expect(eventually { backends[1].connections.allSatisfy(\.isOver) })
            #expect(eventually { backends[2].connections.allSatisfy(\.isOver) })
            #expect(try proxy.metric("postern_dns_changes_total") ?? 0 >= 12)
            #expect(try proxy.sum("postern_dns_lookups_total", ["result": "failed"]) == 0)
        }

        @Test("A request in flight at an address that leaves is answered, and its connection closes then")
        func inFlight() throws {
            let backends = try Self.backends(["a", "b"])
            let gate = Gate()
            backends[0].on("/slow") { connection, head in
                try gate.wait()
                try connection.send("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nslow")
                return true
            }
            let dnsmasq = try Dnsmasq(["reviews.internal": ["127.0.0.1"]])
            let proxy = try ProxyProcess(Self.configuration(Self.port(backends[0]), dnsmasq.address))
            let client = try proxy.connect()
            try client.send("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(eventually { gate.isWaitedFor })
            try dnsmasq.set(["reviews.internal": ["127.0.0.2"]])
            #expect(
                try eventually { try Self.addresses(proxy) == ["127.0.0.2:\(Self.port(backends[0]))"] })
            #expect(try proxy.ask("/").text == "b")
            #expect(backends[0].connections.map(\.isOver) == [false])
            gate.open()
            #expect(try client.readResponse().text == "slow")
            #expect(eventually { backends[0].connections.allSatisfy(\.isOver) })
        }

        @Test("While the server is away the last answer stays; when it is back it is followed again")
        func resolverAway() throws {
            let backends = try Self.backends(["a", "b"])
            let dnsmasq = try Dnsmasq(["reviews.internal": ["127.0.0.1"]])
            let proxy = try ProxyProcess(Self.configuration(Self.port(backends[0]), dnsmasq.address))
            #expect(try proxy.ask("/").text == "a")
            dnsmasq.stop()
            #expect(try eventually { try Self.name(proxy).failures ?? 0 >= 2 })
            #expect(try Self.name(proxy).state == "failing")
            #expect(try Self.name(proxy).last_failure != nil)
            #expect(try proxy.metric("postern_dns_names_failing") == 1)
            #expect(proxy.log.contains("a name cannot be resolved"))
            #expect(try proxy.ask("/").text == "a")
            let again = try Dnsmasq(["reviews.internal": ["127.0.0.2"]], port: dnsmasq.port)
            #expect(try eventually { try proxy.ask("/").text == "b" })
            #expect(try Self.name(proxy).state == "resolved")
            #expect(try proxy.metric("postern_dns_names_failing") == 0)
            again.stop()
        }

        @Test("A gateway starts without an answer; requests are told why, until the name is known")
        func startWithoutServer() throws {
            let backend = try Self.backends(["a"])[0]
            let responder = try DNSResponder()
            responder.set("reviews.internal", .code(2))
            let proxy = try ProxyProcess(Self.configuration(Self.port(backend), responder.address))
            #expect(try eventually { try Self.name(proxy).failures ?? 0 >= 1 })
            let response = try proxy.ask("/early")
            #expect(response.status == 503)
            let entry = try #require(proxy.accessLog("/early").first)
            #expect(entry.response_flags == "DF")
            #expect(entry.response_code_details == "dns_resolution_failure")
            responder.set("reviews.internal", .addresses(["127.0.0.1"], ttl: 0))
            #expect(try eventually { try proxy.ask("/").text == "a" })
        }

        @Test("A gateway is not ready before its names were looked up, and requests wait for the answer")
        func pending() throws {
            let backend = try Self.backends(["a"])[0]
            let responder = try DNSResponder()
            responder.set("reviews.internal", .silence)
            let folder = try TemporaryFolder()
            let configuration = Self.configuration(
                Self.port(backend), responder.address, service: "timeouts: { connect: 10s }")
            // The support waits for `/ready`: so it answers only once the name is known.
            let file = folder.file("admin")
            let answering = Thread {
                eventually { !folder.text(of: "admin").isEmpty && responder.questions.count >= 2 }
                let admin = (try? String(contentsOf: file, encoding: .utf8)) ?? ""
                let connection = try? RawConnection(
                    to: admin.trimmingCharacters(in: .whitespacesAndNewlines))
                try? connection?.send("GET /ready HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
                let response = try? connection?.readResponse()
                _ = try? folder.write("\(response?.status ?? 0) \(response?.text ?? "")", to: "ready")
                responder.set("reviews.internal", .addresses(["127.0.0.1"], ttl: 0))
            }
            answering.start()
            let proxy = try ProxyProcess(configuration, folder: folder)
            #expect(folder.text(of: "ready") == "503 INITIALIZING\n")
            #expect(try proxy.ask("/").text == "a")
            // A reload that adds a name leaves it ready, and the request waits.
            responder.set("other.internal", .silence)
            let asked = responder.questions.count { $0.name == "other.internal" }
            try proxy.reload {
                try proxy.configure(
                    configuration.replacing("name: named", with: "name: other")
                        .replacing("service: named", with: "service: other")
                        .replacing("reviews.internal", with: "other.internal"))
            }
            #expect(try proxy.admin("/ready").status == 200)
            let client = try proxy.connect()
            try client.send("GET /waits HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(eventually { responder.questions.count { $0.name == "other.internal" } >= asked + 2 })
            responder.set("other.internal", .addresses(["127.0.0.1"], ttl: 0))
            #expect(try client.readResponse().text == "a")
        }

        @Test("That there is no such name any more takes its endpoints away")
        func noName() throws {
            let backend = try Self.backends(["a"])[0]
            let dnsmasq = try Dnsmasq(["reviews.internal": ["127.0.0.1"]])
            let proxy = try ProxyProcess(Self.configuration(Self.port(backend), dnsmasq.address))
            #expect(try proxy.ask("/").text == "a")
            try dnsmasq.set([:])
            #expect(try eventually { try proxy.ask("/gone").status == 503 })
            #expect(proxy.accessLog(details: "no_healthy_upstream")?.response_flags == "UH")
            try dnsmasq.set(["reviews.internal": ["127.0.0.1"]])
            #expect(try eventually { try proxy.ask("/").text == "a" })
        }

        @Test("A name that has only an IPv6 address is reached there", arguments: ["strict", "logical"])
        func onlyIPv6(mode: String) throws {
            let backend = try RawBackend("six", at: "[::1]:0")
            let dnsmasq = try Dnsmasq(["reviews.internal": ["::1"]])
            let proxy = try ProxyProcess(
                Self.configuration(Self.port(backend), dnsmasq.address, ", mode: \(mode)"))
            #expect(try proxy.ask("/six").text == "six")
            let host = mode == "strict" ? "[::1]" : "reviews.internal"
            #expect(proxy.accessLog("/six").first?.upstream_host == "\(host):\(Self.port(backend))")
        }

        @Test(
            "A logical name whose IPv6 address is silent or refuses is reached by IPv4, and stays there",
            arguments: [true, false])
        func happyEyeballs(isSilent: Bool) throws {
            let backend = try Self.backends(["four"])[0]
            let six = isSilent ? try DeadEnd.silent(at: "[::1]:\(Self.port(backend))") : nil
            let dnsmasq = try Dnsmasq(["reviews.internal": ["::1", "127.0.0.1"]])
            let proxy = try ProxyProcess(
                Self.configuration(
                    Self.port(backend), dnsmasq.address, ", mode: logical",
                    service: "timeouts: { connect: 15s }"))
            #expect(try Self.name(proxy).addresses?.count == 2)
            for number in 0..<4 {
                #expect(try proxy.ask("/\(number)").text == "four")
                backend.dropConnections()
            }
            // The first address was not waited for, which would have been a failed connect.
            let text = try proxy.admin("/clusters").text
            #expect(text.contains("::cx_connect_fail::0\n"))
            #expect(text.contains("named::reviews.internal:\(Self.port(backend))::cx_total::4\n"))
            withExtendedLifetime(six) {}
        }

        @Test("A request goes to another address of a strict name when one refuses")
        func refusedAddress() throws {
            let backend = try Self.backends(["a"])[0]
            let dnsmasq = try Dnsmasq(["reviews.internal": ["127.0.0.1", "127.0.0.9"]])
            let proxy = try ProxyProcess(Self.configuration(Self.port(backend), dnsmasq.address))
            for _ in 0..<4 {
                #expect(try proxy.ask("/").text == "a")
                backend.dropConnections()
            }
            #expect(try Self.addresses(proxy).count == 2)
        }

        @Test("A file of names comes before the server, and a change of it counts at once")
        func hostsFile() throws {
            let backends = try Self.backends(["a", "b"])
            let responder = try DNSResponder()
            let folder = try TemporaryFolder()
            let hosts = try folder.write("127.0.0.1 reviews.internal\n", to: "hosts")
            // Nothing but the file's change is a reason to look again.
            let configuration = Self.configuration(
                Self.port(backends[0]), responder.address, ", hosts: \"\(hosts.path)\""
            ).replacing("min: 100ms, max: 100ms", with: "min: 1h, max: 1h")
            let proxy = try ProxyProcess(configuration, folder: folder)
            #expect(try proxy.ask("/").text == "a")
            _ = try folder.write("127.0.0.2 reviews.internal\n", to: "hosts")
            #expect(try eventually { try proxy.ask("/").text == "b" })
            #expect(responder.questions.isEmpty)
        }

        @Test("Names and addresses stand beside each other, and the clusters show both")
        func beside() throws {
            let backends = try Self.backends(["a", "b"])
            let dnsmasq = try Dnsmasq(["reviews.internal": ["127.0.0.2"]])
            let configuration = Self.configuration(Self.port(backends[0]), dnsmasq.address)
                .replacing("endpoints: [", with: "endpoints: [\"\(backends[0].address)\", ")
            let proxy = try ProxyProcess(configuration)
            #expect(Set(try (0..<4).map { _ in try proxy.ask("/").text }) == ["a", "b"])
            let port = Self.port(backends[0])
            let text = try proxy.admin("/clusters").text
            #expect(text.contains("named::127.0.0.1:\(port)::weight::1\n"))
            #expect(text.contains("named::127.0.0.2:\(port)::weight::1\n"))
            #expect(text.contains("named::dns:reviews.internal:\(port)::state::resolved\n"))
            #expect(text.contains("named::dns:reviews.internal:\(port)::addresses::127.0.0.2:\(port)\n"))
            #expect(text.contains("named::dns:reviews.internal:\(port)::failures::0\n"))
            #expect(try Self.name(proxy).next_lookup_seconds != nil)
        }
    }
}
