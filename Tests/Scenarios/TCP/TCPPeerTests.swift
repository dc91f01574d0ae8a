import Foundation
import Primitives
import TestSupport
import Testing

extension Scenarios {
    /// Real clients and services of other protocols, with the gateway between them.
    @Suite struct TCPPeerTests {
        @Test("PostgreSQL is asked through the gateway, in plain and with the TLS of its own")
        func postgres() throws {
            let server = try PostgresServer()
            let proxy = try ProxyProcess(
                """
                listeners: [{ name: public, address: "127.0.0.1:0", protocol: tcp }]
                tcpRoutes: [{ name: db, rules: [{ service: db }] }]
                services: [{ name: db, endpoints: ["127.0.0.1:\(server.port)"] }]
                """)
            let address = try #require(proxy.listeners["public"])
            let rows = "select sum(n) from generate_series(1, 1000) n"
            #expect(try server.query(rows, at: address, parameters: "sslmode=disable") == "500500\n")
            let isSecure = "select ssl from pg_stat_ssl where pid = pg_backend_pid()"
            #expect(try server.query(isSecure, at: address, parameters: "sslmode=disable") == "f\n")
            #expect(try server.query(isSecure, at: address, parameters: "sslmode=require") == "t\n")
            // Some 7 MB of rows, and as much the other way.
            let many = "select n, repeat('x', 60) from generate_series(1, 100000) n"
            let direct = try server.query(many)
            #expect(try server.query(many, at: address, parameters: "sslmode=disable") == direct)
            let load =
                "create temporary table t (n text); copy t from program 'seq 1 1000'; select count(*) from t"
            #expect(try server.query(load, at: address).hasSuffix("1000\n"))
        }

        @Test("Not one of thousands of transactions fails while the configuration is loaded again and again")
        func postgresDuringReloads() throws {
            let server = try PostgresServer()
            func configuration(_ idle: Int) -> String {
                """
                listeners: [{ name: public, address: "127.0.0.1:0", protocol: tcp }]
                tcpRoutes: [{ name: db, rules: [{ service: db }], timeouts: { idle: \(idle)s } }]
                services: [{ name: db, endpoints: ["127.0.0.1:\(server.port)"] }]
                """
            }
            let proxy = try ProxyProcess(configuration(60), workers: 2)
            let address = try #require(proxy.listeners["public"])
            let outcome = Lock<Result<String, any Error>?>(nil)
            Thread.detachNewThread {
                let result = Result {
                    try PostgresServer.benchmark(
                        address, clients: 4, transactions: ProxyProcess.isRelease ? 2500 : 250,
                        parameters: "sslmode=disable")
                }
                outcome.withLock { $0 = result }
            }
            var reloads = 0
            while outcome.withLock({ $0 == nil }) {
                #expect(try proxy.reload { try proxy.configure(configuration(61 + reloads)) })
                reloads += 1
            }
            let output = try #require(try outcome.withLock { try $0?.get() })
            #expect(output.contains("number of failed transactions: 0 (0.000%)"), "\(output)")
            #expect(reloads > 3)
        }

        @Test(
            "Redis servers on one port are told apart by name, and answer by their own TLS"
        )
        func redis() throws {
            let first = try RedisServer(names: ["first.example.com"])
            let second = try RedisServer(names: ["second.example.com", "other.example.com"])
            let proxy = try ProxyProcess(
                """
                listeners:
                  - { name: secure, address: "127.0.0.1:0", protocol: tcp }
                  - { name: plain, address: "127.0.0.2:0", protocol: auto }
                tcpRoutes:
                  - name: secure
                    listeners: [secure]
                    rules:
                      - { match: { sni: first.example.com }, service: first-tls }
                      - { match: { sni: "*.example.com" }, service: second-tls }
                  - { name: plain, listeners: [plain], rules: [{ service: first }] }
                services:
                  - { name: first, endpoints: ["127.0.0.1:\(first.port)"] }
                  - { name: first-tls, endpoints: ["127.0.0.1:\(first.securePort)"] }
                  - { name: second-tls, endpoints: ["127.0.0.1:\(second.securePort)"] }
                """)
            let secure = try #require(proxy.listeners["secure"])
            let plain = try #require(proxy.listeners["plain"])
            #expect(try first.ask(["set", "name", "first"], at: plain) == "OK\n")
            #expect(try second.ask(["set", "name", "second"]) == "OK\n")
            #expect(try first.ask(["get", "name"], at: secure, sni: "first.example.com") == "first\n")
            for name in ["second.example.com", "other.example.com"] {
                #expect(try second.ask(["get", "name"], at: secure, sni: name) == "second\n")
            }
            // The first one's certificate does not stand for another name: TLS is between client and service.
            #expect(throws: (any Error).self) {
                try first.ask(["get", "name"], at: secure, sni: "second.example.com")
            }
            #expect(throws: (any Error).self) { try first.ask(["ping"], at: secure, sni: "example.org") }
            let parts = plain.split(separator: ":").map(String.init)
            let load = try Tool.run(
                "redis-benchmark",
                ["-h", parts[0], "-p", parts[1], "-t", "set,get", "-n", "2000", "-c", "20", "-P", "4", "-q"])
            #expect(load.contains("GET: "))
        }

        @Test("HAProxy before and behind the gateway hands the client's address on", arguments: ["v1", "v2"])
        func haproxy(version: String) throws {
            let folder = try TemporaryFolder()
            let (front, service) = (try freePort(), try freePort())
            let proxy = try ProxyProcess(
                """
                listeners: [{ name: public, address: "127.0.0.1:0", protocol: tcp, proxyProtocol: accept }]
                tcpRoutes: [{ name: all, rules: [{ service: web }] }]
                services:
                  - { name: web, endpoints: ["127.0.0.1:\(service)"], proxyProtocol: \(version) }
                """)
            let gateway = try #require(proxy.listeners["public"])
            let configuration = try folder.write(
                """
                defaults
                  timeout connect 5s
                  timeout client 30s
                  timeout server 30s
                listen front
                  mode tcp
                  bind 127.0.0.1:\(front)
                  server gateway \(gateway) \(version == "v1" ? "send-proxy" : "send-proxy-v2")
                frontend service
                  mode http
                  bind 127.0.0.1:\(service) accept-proxy
                  http-request return content-type a/b lf-string "%[src]:%[src_port] %[dst]:%[dst_port]"

                """, to: "haproxy.cfg")
            let haproxy = try ChildProcess(
                "haproxy", ["-db", "-f", configuration.path], output: folder.file("log"))
            defer { haproxy.stop() }
            eventually { (try? RawSocket.connect(to: "127.0.0.1:\(front)")) != nil }
            let client = try RawConnection(to: "127.0.0.1:\(front)")
            try client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            let answer = try client.readResponse()
            #expect(answer.text == "\(client.socket.localAddress) 127.0.0.1:\(front)")
        }
    }
}
