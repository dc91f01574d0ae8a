import TestSupport
import Testing

extension Scenarios {
    /// IPv4, IPv6 and Unix sockets on both sides.
    @Suite(
        .scenario(
            """
            listeners:
              - { name: ipv4, address: "127.0.0.1:0" }
              - { name: ipv6, address: "[::1]:0" }
              - { name: unix, address: "unix:{folder}/public" }
            routes:
              - name: all
                rules:
                  - { match: { path: { prefix: /ipv4 } }, service: ipv4 }
                  - { match: { path: { prefix: /ipv6 } }, service: ipv6 }
                  - { match: { path: { prefix: /unix } }, service: unix }
                  - { match: { path: { prefix: /gone } }, service: gone }
                  - { match: { path: { prefix: /partly } }, service: partly }
            services:
              - { name: ipv4, endpoints: [{a-ipv4}] }
              - { name: ipv6, endpoints: [{a-ipv6}] }
              - { name: unix, endpoints: [{a-unix}] }
              - { name: gone, endpoints: ["unix:{folder}/nobody"] }
              - { name: partly, endpoints: ["unix:{folder}/nobody", {a-unix}] }
            """, backends: ["a-ipv4", "a-ipv6", "a-unix"], workers: 2)
    ) struct AddressTests {
        @Test(
            "Every kind of listener serves from every kind of endpoint", arguments: ["ipv4", "ipv6", "unix"],
            [
                "ipv4", "ipv6", "unix",
            ])
        func passes(listener: String, service: String) throws {
            let scenario = try Scenario.current
            let backend = try scenario.backend("a-\(service)")
            let path = "/\(service)/from-\(listener)"
            #expect(try scenario.ask(path, listener: listener).text == "a-\(service)")
            let peer = ["ipv4": "127.0.0.1", "ipv6": "::1", "unix": "unix"][listener]
            #expect(backend.takeRequests().last?["x-forwarded-for"] == peer)
            let entry = try #require(scenario.proxy.accessLog(path).first)
            #expect(entry.upstream_host == backend.address)
            #expect(entry.downstream_local_address == scenario.proxy.listeners[listener])
            let start = ["ipv4": "127.0.0.1:", "ipv6": "[::1]:", "unix": "unix:"][listener] ?? ""
            #expect(entry.downstream_remote_address?.hasPrefix(start) == true)
        }

        @Test("Listeners with the same address and port 0 have a port each, and keep it over reloads")
        func freePorts() throws {
            func configuration(_ names: [String]) -> String {
                let listeners = names.map { "{ name: \($0), address: \"127.0.0.1:0\" }" }
                let routes = names.map { name in
                    "{ name: \(name), listeners: [\(name)], "
                        + "rules: [{ directResponse: { status: 200, body: \(name) } }] }"
                }
                return "listeners: [\(listeners.joined(separator: ", "))]\n"
                    + "routes: [\(routes.joined(separator: ", "))]\n"
            }
            let proxy = try ProxyProcess(configuration(["first", "second"]), workers: 2)
            let ports = proxy.listeners
            #expect(Set(ports.values).count == 2)
            for name in ["first", "second"] {
                for _ in 0..<8 { #expect(try proxy.ask("/", listener: name).text == name) }
            }
            #expect(try proxy.reload { try proxy.configure(configuration(["second", "third"])) })
            let addresses = try proxy.admin("/listeners").text
            #expect(addresses.contains("second::\(try #require(ports["second"]))\n"))
            #expect(addresses.contains("third::127.0.0.1:"))
            #expect(!addresses.contains("first"))
            #expect(try proxy.ask("/", listener: "second").text == "second")
        }

        @Test("A Unix socket that is not there is a failed connect, and another endpoint is tried")
        func missing() throws {
            let scenario = try Scenario.current
            #expect(try scenario.ask("/gone", listener: "ipv4").status == 503)
            let entry = try #require(scenario.proxy.accessLog("/gone").first)
            #expect(entry.response_flags == "UF")
            #expect(entry.response_code_details == "upstream_connect_failure")
            for _ in 0..<4 {
                let response = try scenario.ask("/partly", method: "POST", body: "x", listener: "ipv4")
                #expect(response.text == "a-unix")
            }
        }
    }
}
