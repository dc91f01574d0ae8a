import Foundation
import TestSupport
import Testing

extension Scenarios {
    /// nginx before the gateway, and behind it: the PROXY protocol in both directions.
    @Suite struct NginxPeerTests {
        /// The front passes connections on with a header; the service says what it has been told, and what a
        /// request brings.
        private static func configuration(
            _ folder: TemporaryFolder, fronts: [(port: Int, to: String)], service: Int
        ) -> String {
            let servers = fronts.map {
                "server { listen 127.0.0.1:\($0.port); proxy_pass \($0.to); proxy_protocol on; }"
            }
            return """
                load_module modules/ngx_stream_module.so;
                daemon off;
                worker_processes 1;
                pid \(folder.file("pid").path);
                events {}
                stream {
                    \(servers.joined(separator: "\n"))
                }
                http {
                    access_log off;
                    client_body_temp_path \(folder.file("body").path);
                    proxy_temp_path \(folder.file("proxy").path);
                    fastcgi_temp_path \(folder.file("fastcgi").path);
                    uwsgi_temp_path \(folder.file("uwsgi").path);
                    scgi_temp_path \(folder.file("scgi").path);
                    server {
                        listen 127.0.0.1:\(service) proxy_protocol;
                        return 200 "$proxy_protocol_addr:$proxy_protocol_port $proxy_protocol_server_port";
                    }
                    server {
                        listen unix:\(folder.file("plain").path);
                        return 200 "$http_x_forwarded_for";
                    }
                }

                """
        }

        @Test("nginx's PROXY header is understood, and nginx understands ours", arguments: ["v1", "v2"])
        func both(version: String) throws {
            let folder = try TemporaryFolder()
            let (front, webFront, service) = (try freePort(), try freePort(), try freePort())
            let proxy = try ProxyProcess(
                """
                listeners:
                  - { name: bytes, address: "127.0.0.1:0", protocol: tcp, proxyProtocol: accept }
                  - { name: web, address: "127.0.0.2:0", proxyProtocol: accept }
                tcpRoutes: [{ name: all, rules: [{ service: told }] }]
                routes: [{ name: all, rules: [{ service: plain }] }]
                services:
                  - { name: told, endpoints: ["127.0.0.1:\(service)"], proxyProtocol: \(version) }
                  - { name: plain, endpoints: ["unix:\(folder.file("plain").path)"] }
                """)
            let fronts = [
                (port: front, to: try #require(proxy.listeners["bytes"])),
                (port: webFront, to: try #require(proxy.listeners["web"])),
            ]
            let file = try folder.write(
                Self.configuration(folder, fronts: fronts, service: service), to: "nginx.conf")
            let nginx = try ChildProcess(
                "nginx", ["-c", file.path, "-e", folder.file("errors").path], output: folder.file("log"))
            defer { nginx.stop() }
            let listens = eventually { (try? RawSocket.connect(to: "127.0.0.1:\(webFront)")) != nil }
            #expect(listens, "\(folder.text(of: "log"))")

            func ask(_ port: Int) throws -> (answer: String, client: String) {
                let client = try RawConnection(to: "127.0.0.1:\(port)")
                try client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
                return (try client.readResponse().text, "\(client.socket.localAddress)")
            }
            let (told, client) = try ask(front)
            #expect(told == "\(client) \(front)")
            let (forwarded, webClient) = try ask(webFront)
            #expect(forwarded == "127.0.0.1")
            let entry = try #require(proxy.accessLog("/").first)
            #expect(entry.downstream_remote_address == webClient)
            #expect(entry.downstream_local_address == "127.0.0.1:\(webFront)")
        }
    }
}
