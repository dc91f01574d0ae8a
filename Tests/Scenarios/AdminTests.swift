import Foundation
import TestSupport
import Testing

extension Scenarios {
    /// The admin endpoints of a gateway with a bit of everything.
    @Suite(.scenario(Administered.configuration, files: Administered.files)) struct AdminTests {
        let scenario: Scenario
        let proxy: ProxyProcess

        init() throws {
            self.scenario = try Scenario.current
            self.proxy = self.scenario.proxy
            #expect(try self.scenario.ask("/").status == 200)
        }

        @Test("Every endpoint answers as text in Envoy's shape", arguments: Administered.texts)
        func text(target: String, part: String) throws {
            let response = try self.proxy.admin(target)
            #expect(response.status == 200)
            #expect(response["content-type"] == "text/plain; charset=utf-8")
            #expect(response["cache-control"] == "no-store")
            let backend = try self.scenario.backend().address
            #expect(response.text.contains(part.replacing("{backend}", with: backend)), "\(response.text)")
        }

        @Test("Every endpoint answers in JSON when asked to", arguments: Administered.json)
        func json(target: String, keys: Set<String>) throws {
            let response = try self.proxy.admin(target)
            #expect(response.status == 200)
            #expect(response["content-type"] == "application/json")
            let value = try JSONSerialization.jsonObject(with: Data(response.body))
            let object = (value as? [String: Any]) ?? (value as? [[String: Any]])?.first
            #expect(keys.isSubset(of: Set(try #require(object).keys)), "\(response.text)")
        }

        @Test("Prometheus has its own content type, by both addresses")
        func prometheus() throws {
            for target in ["/stats/prometheus", "/stats?format=prometheus"] {
                let response = try self.proxy.admin(target)
                #expect(response["content-type"] == "text/plain; version=0.0.4; charset=utf-8")
                #expect(response.text.contains("# TYPE istio_requests_total counter\n"))
            }
        }

        @Test("What changes something must be posted, and other methods are refused")
        func methods() throws {
            #expect(try self.proxy.admin("/drain_listeners").status == 405)
            #expect(try self.proxy.admin("/logging?level=debug").status == 405)
            #expect(try self.proxy.admin("/ready", method: "DELETE").status == 405)
            #expect(try self.proxy.admin("/ready", method: "POST").status == 200)
            #expect(try self.proxy.admin("/nothing").status == 404)
            #expect(try self.proxy.admin("/nothing").text.contains("/config_dump"))
            #expect(try self.proxy.adminJSON("/server_info", as: ServerInfo.self).state == "LIVE")
        }

        @Test("The log's level changes while the gateway runs, and a wrong one is refused")
        func logging() throws {
            defer { _ = try? self.proxy.admin("/logging?level=info", method: "POST") }
            _ = try self.scenario.ask("/says/one")
            #expect(try self.proxy.admin("/logging?level=debug", method: "POST").text == "level: debug\n")
            _ = try self.scenario.ask("/says/two")
            #expect(eventually { self.proxy.log.contains("debug filter heard /says/two") })
            #expect(!self.proxy.log.contains("/says/one"))
            let refused = try self.proxy.admin("/logging?level=loud", method: "POST")
            #expect(refused.status == 400)
            #expect(refused.text.contains("must be one of trace, debug, info, warning, error, critical"))
            #expect(try self.proxy.admin("/logging?size=1", method: "POST").status == 400)
            #expect(try self.proxy.admin("/logging").text == "level: debug\n")
        }

        @Test("Several requests follow one another on a connection, and HEAD has no body")
        func keepAlive() throws {
            let client = try RawConnection(to: self.proxy.admin)
            try client.send("HEAD /ready HTTP/1.1\r\nHost: a\r\n\r\nGET /ready HTTP/1.1\r\nHost: a\r\n\r\n")
            let head = try client.readResponse(toHead: true)
            #expect(head["content-length"] == "5")
            #expect(try client.readResponse().text == "LIVE\n")
        }
    }

    /// Where secrets could show.
    @Suite struct SecretTests {
        @Test("No secret, however it is given, is shown by an endpoint, a log or a refusal")
        func secrets() throws {
            let folder = try TemporaryFolder()
            _ = try folder.write("filed-secret\n", to: "secret")
            func configuration(_ more: String) -> String {
                """
                listeners:
                  - name: public
                    address: "127.0.0.1:0"
                    filters:
                      - plugin: key-auth
                        config:
                          keys:
                            - { name: literal, key: written-secret }
                            - { name: environment, key: { env: POSTERN_TEST_KEY } }
                            - { name: file, key: { file: secret } }
                            \(more)
                routes: [{ name: all, rules: [{ directResponse: { body: direct } }] }]
                """
            }
            let proxy = try ProxyProcess(
                configuration(""), folder: folder, logLevel: "trace",
                environment: ["POSTERN_TEST_KEY": "surrounding-secret"])
            let secrets = ["written-secret", "surrounding-secret", "filed-secret"]
            for secret in secrets {
                #expect(try proxy.ask("/", fields: "x-api-key: \(secret)\r\n").status == 200)
            }
            // The same key twice is refused, by the plugin itself.
            let refused = try proxy.reload {
                try proxy.configure(configuration("- { name: again, key: filed-secret }"))
            }
            #expect(!refused)
            #expect(proxy.accessLog("/", count: 3).count == 3)

            let index = try proxy.admin("/").text
            let targets = index.split(separator: "\n").filter { !$0.contains("(POST)") }
                .compactMap { $0.split(separator: ":").first.map(String.init) }
            #expect(targets.count > 8)
            var shown = proxy.log + folder.text(of: "access.log")
            for target in targets + targets.map({ "\($0)?format=json" }) {
                shown += try proxy.admin(target).text
            }
            for secret in secrets { #expect(!shown.contains(secret)) }
            let hidden = try proxy.admin("/config_dump").text.split(separator: "\"<redacted>\"").count - 1
            // Of the three only one is written out; where the others come from is no secret.
            #expect(hidden == 1)
        }
    }
}

private enum Administered {
    static let files = [
        "says.lua": """
        function on_request(handle)
          handle:logDebug("heard " .. handle:headers():get(":path"))
        end
        """
    ]
    static let configuration = """
        listeners:
          - name: public
            address: "127.0.0.1:0"
            filters:
              - { plugin: headers, config: { response: { set: { x-a: b } } } }
              - { lua: "{folder}/says.lua" }
        routes: [{ name: all, rules: [{ service: reviews }] }]
        services: [{ name: reviews, endpoints: [{ address: {backend}, weight: 3 }] }]
        """

    static let texts: [(String, String)] = [
        ("/", "/drain_listeners (POST): "),
        ("/ready", "LIVE\n"),
        ("/clusters", "reviews::{backend}::cx_total::1\n"),
        ("/clusters", "reviews::{backend}::weight::3\n"),
        ("/listeners", "public::127.0.0.1:"),
        ("/plugins", "headers::version::"),
        ("/policies", "says.lua::in force\n"),
        ("/logging", "level: info\n"),
        ("/stats", "postern_config_generation: 1\n"),
    ]

    static let json: [(String, Set<String>)] = [
        ("/config_dump", ["version", "listeners", "routes", "services"]),
        ("/clusters?format=json", ["service", "address", "cx_active", "cx_total", "rq_active", "weight"]),
        ("/listeners?format=json", ["name", "address"]),
        ("/plugins?format=json", ["name", "version", "abi", "swift", "digest", "path"]),
        ("/policies?format=json", ["path", "state", "problem"]),
        ("/logging?format=json", ["level"]),
        ("/memory", ["resident_bytes", "private_bytes"]),
        ("/server_info", ["version", "state", "uptime_seconds", "workers", "generation", "pid"]),
        ("/stats?format=json", []),
    ]
}
