internal import Foundation
internal import GatewayConfig
internal import Primitives
internal import Testing

@Suite struct GatewayConfigurationTests {
    private func load(_ name: String) throws -> LoadedConfiguration {
        try self.load(GatewaySchemaTests.fixture(name), name)
    }

    private func load(text: String) throws -> GatewayConfiguration {
        try self.load(Array(text.utf8), "text.yaml").configuration
    }

    private func load(_ bytes: [UInt8], _ name: String) throws -> LoadedConfiguration {
        let result = GatewayConfiguration.read(bytes, fileName: name, directory: "/etc/postern")
        guard case .loaded(let loaded) = result else {
            Issue.record("\(result)")
            throw CancellationError()
        }
        return loaded
    }

    @Test("Fills the model with what the file says, and paths relative to the file")
    func values() throws {
        let configuration = try self.load("everything.yaml").configuration
        let listeners = configuration.listeners
        #expect(configuration.admin?.address == .ipv6(high: 0, low: 1, port: 9901))
        #expect(listeners[0].limits == RequestLimits(head: .kibibytes(32), fields: 64, url: .kibibytes(8)))
        #expect(listeners[1].limits == listeners[0].limits)
        #expect(listeners[0].timeouts.header == .seconds(90))
        #expect(listeners[0].upgrades == ["websocket", "example/2"])
        #expect(listeners[0].filters.map(\.name) == ["first", "second", "policies"])
        #expect(listeners[1].address == .unix("/etc/postern/run/postern.sock"))
        #expect(
            listeners[1].pathNormalization == PathNormalization(mergeSlashes: true, escapedSlashes: .reject))
        #expect(listeners[1].forwarded.trustedHops == 2)
        #expect(configuration.accessLog.format == .text)
        #expect(configuration.accessLog.destination == .file("/etc/postern/logs/access.log"))
        let services = Array(configuration.services.dropFirst())
        #expect(services[0].endpoints.map(\.weight) == [1, 1, 1000])
        #expect(
            services[0].timeouts
                == .init(connect: .milliseconds(10), request: .seconds(15), idle: .seconds(86400)))
        #expect(services[0].loadBalancing == .random)
        #expect(services[1].pool == PoolLimits(maxConnections: 1, idleTimeout: .milliseconds(1)))
    }

    @Test("Fills a service with its names, in small letters, and with how they are resolved")
    func names() throws {
        let services = try self.load("everything.yaml").configuration.services
        #expect(
            services[3].endpoints == [
                EndpointConfiguration(.name(DNSName(host: "reviews.internal", port: 9080))),
                EndpointConfiguration(.name(DNSName(host: "a_b.example.", port: 65535)), weight: 3),
            ])
        let resolvers = ["10.0.0.1:53", "127.0.0.1:5300", "[::1]:53", "[::1]:54"]
        #expect(
            services[3].dns
                == DNSConfiguration(
                    mode: .logical, family: .all, resolvers: resolvers.compactMap { ListenAddress($0) },
                    refresh: DNSRefresh(minimum: .milliseconds(100), maximum: .seconds(86400)),
                    hostsPath: "/etc/postern/run/hosts"))
        #expect(services[0].dns == DNSConfiguration())
        #expect(services[0].dns.hostsPath == "/etc/hosts")
    }

    @Test("Fills what listeners, routes and services say of TCP")
    func tcp() throws {
        let configuration = try self.load("everything.yaml").configuration
        let listeners = configuration.listeners
        #expect(listeners.map(\.protocol) == [.http, .http, .tcp, .auto, .http, .http])
        #expect(listeners[2].proxyProtocol == .accept)
        #expect(listeners[2].maxConnections == 100)
        #expect(listeners[3].timeouts.detection == .milliseconds(250))
        #expect(listeners[0].timeouts.detection == nil)
        #expect(configuration.services[0].proxyProtocol == .v2)
        let route = try #require(configuration.tcpRoutes.first)
        #expect(route.listeners == ["data", "mixed"])
        #expect(route.timeouts.idle == .seconds(600))
        #expect(route.limits.connections == 50)
        #expect(route.rules[0].match.serverNames == ["db.example.com", "*.db.example.com"])
        #expect(route.rules[0].match.applicationProtocols == ["postgresql"])
        #expect(route.rules[0].match.sourceAddresses.map(\.description) == ["10.0.0.0/8", "::1"])
        #expect(route.rules[0].services == [WeightedService("databases")])
        #expect(route.rules[1].match.isAny)
        #expect(route.rules[1].services.map(\.weight) == [3, 1])
    }

    @Test("Fills TLS of listeners and services with what the file says, and what is absent with defaults")
    func tls() throws {
        let configuration = try self.load("everything.yaml").configuration
        let tls = try #require(configuration.listeners[4].tls)
        #expect(tls.certificates.map(\.certificate) == ["/etc/postern/tls/a.pem", "/etc/tls/b.pem"])
        #expect(tls.certificates.map(\.key) == ["/etc/postern/tls/a.key", "/etc/tls/b.key"])
        #expect(tls.certificates.map(\.ocspResponse) == ["/etc/postern/tls/a.der", nil])
        #expect(
            tls.algorithms
                == TLSAlgorithms(
                    minimumVersion: .tls13, ciphers: ["ECDHE-RSA-AES128-GCM-SHA256"],
                    cipherSuites: ["TLS_AES_128_GCM_SHA256"], groups: ["X25519", "P-256"]))
        #expect(tls.alpn == ["http/1.1"])
        #expect(tls.clientAuthentication.mode == .optional)
        #expect(tls.clientAuthentication.trustedCA == "/etc/postern/tls/ca.pem")
        #expect(tls.clientAuthentication.crl == "/etc/postern/tls/ca.crl")
        #expect(
            tls.clientAuthentication.subjectAltNames == [
                SubjectAltNameMatch(.either, .exact("a.example.com")),
                SubjectAltNameMatch(.dns, .exact("b.example.com")),
                SubjectAltNameMatch(.dns, .suffix(".example.com")),
                SubjectAltNameMatch(.uri, .prefix("spiffe://example.com/ns/a/")),
                SubjectAltNameMatch(.uri, .exact("spiffe://example.com/b")),
            ])
        #expect(
            tls.sessionTickets
                == SessionTickets(
                    keys: ["/etc/postern/tls/new.key", "/etc/postern/tls/old.key"], rotation: .seconds(3600)))
        #expect(
            configuration.listeners[4].clientCertificateForwarding
                == ClientCertificateForwarding(
                    policy: .append, includesCertificate: true, includesChain: true))
        let plain = try #require(configuration.listeners[5].tls)
        #expect(plain.algorithms == TLSAlgorithms())
        #expect(plain.clientAuthentication.mode == .none)
        #expect(plain.sessionTickets == SessionTickets())
        #expect(plain.alpn == nil)
        #expect(configuration.listeners[5].clientCertificateForwarding.policy == .set)
        #expect(configuration.listeners[0].tls == nil)
        #expect(configuration.listeners[0].clientCertificateForwarding.policy == .sanitise)
        let service = try #require(configuration.services[4].tls)
        #expect(service.sni == "reviews.internal")
        #expect(service.trustedCA == "/etc/postern/tls/ca.pem")
        #expect(service.crl == "/etc/postern/tls/ca.crl")
        #expect(service.certificate == "/etc/postern/tls/c.pem")
        #expect(service.key == "/etc/postern/tls/c.key")
        #expect(
            service.subjectAltNames == [SubjectAltNameMatch(.either, .exact("spiffe://example.com/reviews"))])
        #expect(!service.skipsVerification)
        #expect(configuration.services[5].tls?.skipsVerification == true)
        #expect(configuration.services[0].tls == nil)
    }

    @Test("Fills rules with conditions, actions and changes, names of hosts and fields in lower case")
    func rules() throws {
        let route = try self.load("everything.yaml").configuration.routes[0]
        let rule = route.rules[0]
        #expect(route.hosts == ["a.example.com", "*.b.example.com", "*", "[::1]"])
        #expect(rule.match.path == .regex("/v[0-9]+/.*"))
        #expect(rule.match.methods == ["GET", "M-SEARCH"])
        #expect(
            rule.match.headers.map(\.value) == [
                .exact(""), .prefix("a"), .suffix("b"), .contains("c"), .regex("[a-z]+"), .present, .absent,
            ]
        )
        #expect(rule.match.headers.first?.name == "x-a")
        #expect(rule.action == .forward([WeightedService("plain")]))
        #expect(rule.rewrite == Rewrite(path: .replaceFull("/all"), host: "internal.example.com:8443"))
        #expect(rule.requestHeaders.set == [HeaderPair("x-one", "1")])
        #expect(rule.requestHeaders.remove == ["cookie"])
        #expect(rule.timeout == .milliseconds(100))
        #expect(rule.location.path == "routes[0].rules[0]")
        #expect(rule.location.line == 70)
        guard case .lua(let lua) = rule.filters[0].implementation else {
            Issue.record("no script")
            return
        }
        #expect(lua.path == "/etc/postern/scripts/one.lua")
        #expect(lua.budget == LuaBudget(memory: .kibibytes(256)))
        #expect(lua.onFailure == .allow)
        guard case .config(let config) = rule.filterOverrides[0].change else {
            Issue.record("no config")
            return
        }
        #expect(config.json() == #"{"set":{}}"#)
        #expect(config.location.path == "routes[0].rules[0].filterConfig[0].config")
        #expect(
            route.rules[1].action
                == .redirect(
                    Redirect(
                        scheme: "https", host: "new.example.com", port: 8443, path: .replacePrefix("/"),
                        status: 308)
                )
        )
        #expect(
            route.rules[2].action
                == .forward(
                    [WeightedService("plain", weight: 0)]
                        + ["other", "secure", "trusting"].map { WeightedService($0) }))
        let later = DirectResponse(status: 503, body: "later\n", headers: [HeaderPair("retry-after", "10")])
        #expect(route.rules[3].action == .directResponse(later))
    }

    @Test("Loads a file, and tells an unreadable one from a bad one")
    func loading() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = folder.appendingPathComponent("gateway.yaml").path
        guard case .unreadable(let reason) = GatewayConfiguration.load(path: file) else {
            Issue.record("loaded a file that is not there")
            return
        }
        #expect(reason == "\(file): No such file or directory")
        guard case .unreadable = GatewayConfiguration.load(path: folder.path) else {
            Issue.record("loaded a folder")
            return
        }
        try "version: 1\nplugins: { path: [plugins, /opt/plugins] }\n".write(
            toFile: file, atomically: true, encoding: .utf8)
        guard case .loaded(let loaded) = GatewayConfiguration.load(path: file) else {
            Issue.record("did not load")
            return
        }
        #expect(loaded.configuration.pluginPath == ["\(folder.path)/plugins", "/opt/plugins"])
        #expect(loaded.configuration.directory == folder.path)
    }

    @Test("Dumps the whole file without secrets, and hides the config of a plugin whose schema is not known")
    func dump() throws {
        let text = """
            version: 1
            listeners:
              - name: p
                address: 127.0.0.1:0
                filters:
                  - plugin: key-auth
                    config: { keys: [{ name: alice, key: hunter2hunter2 }] }
                  - { plugin: unknown, config: { password: hunter2hunter2 } }
                  - { lua: sign.lua, config: { key: hunter2hunter2 } }
            routes:
              - name: r
                rules:
                  - directResponse: {}
                    filterConfig:
                      - { filter: key-auth, config: { keys: [{ name: bob, key: hunter2hunter2 }] } }
                      - { filter: sign, config: { key: hunter2hunter2 } }
            """
        let result = GatewayConfiguration.read(Array(text.utf8), fileName: "a.yaml", directory: "")
        guard case .loaded(let loaded) = result else {
            Issue.record("\(result)")
            return
        }
        let schema = try PluginSchema(json: PluginSchemaTests.keyAuth)
        let dump = loaded.redactedJSON { $0 == "key-auth" ? schema : nil }
        #expect(!dump.contains("hunter2"))
        let tree = try #require(ConfigDocument.read(Array(dump.utf8), as: .json).root)
        let filters = tree.nearest(toPointer: "/listeners/0/filters")
        #expect(filters.nearest(toPointer: "/0/config/keys/0/name").value == .string("alice"))
        #expect(filters.nearest(toPointer: "/1/config").value == .string("<redacted>"))
        #expect(filters.nearest(toPointer: "/2/config").value == .string("<redacted>"))
        let override = tree.nearest(toPointer: "/routes/0/rules/0/filterConfig/0/config/keys/0")
        #expect(override.json() == #"{"name":"bob","key":"<redacted>"}"#)
    }

    @Test("Takes in what a further check finds: an error makes it invalid, a warning does not")
    func furtherChecks() throws {
        let loaded = LoadResult.loaded(try self.load("interface.yaml"))
        let place = ConfigLocation(path: "routes[0]", line: 20, column: 1)
        guard
            case .loaded(let warned) = loaded.checked({ _ in [ConfigProblem(place, "w", severity: .warning)] }
            ),
            case .invalid(let problems) = loaded.checked({ _ in [ConfigProblem(place, "e")] })
        else {
            Issue.record("the severity was not looked at")
            return
        }
        #expect(warned.warnings.map(\.description) == ["20:1: routes[0]: warning: w"])
        #expect(problems.map(\.description) == ["20:1: routes[0]: e"])
    }

    @Test("The standard rules count Istio's metrics of requests and connections")
    func standardMixer() {
        let standard = MixerConfiguration.standard
        #expect(
            standard.instances.map(\.name) == [
                "requestcount", "requestduration", "requestsize", "responsesize", "tcpconnectionsopened",
                "tcpbytereceived", "tcpbytesent", "tcpconnectionsclosed",
            ])
        let used = standard.rules.flatMap(\.actions)
        #expect(used.allSatisfy { $0.handler == "admin" })
        #expect(Set(used.flatMap(\.instances)) == Set(standard.instances.map(\.name)))
    }

    @Test("An instance of one's own takes the place of a standard one of its name")
    func ownInstance() {
        var gateway = GatewayConfiguration()
        gateway.mixer.instances = [InstanceConfiguration(name: "requestsize", template: "metric")]
        #expect(gateway.wholeMixer.instances.count == 8)
        gateway.mixer.defaults = .none
        #expect(gateway.wholeMixer.instances.count == 1)
    }

    @Test(
        "The access log is short for a handler, an instance and a rule",
        arguments: [
            ("{ path: stdout }", "stdio", "stream"), ("{ path: 'a \"b\".log' }", "file", "path"),
            ("{ format: text, path: /log }", "file", "line"),
        ])
    func accessLog(_ text: String, adapter: String, key: String) throws {
        let gateway = try self.load(text: "version: 1\naccessLog: \(text)\nmixer: { defaults: none }\n")
        let mixer = gateway.wholeMixer
        #expect(mixer.handlers.map(\.adapter) == [adapter])
        #expect(mixer.handlers.first?.config[key] != nil)
        #expect(mixer.handlers.first?.location.line == 2)
        #expect(mixer.instances.map(\.name) == ["accesslog"])
        #expect(mixer.rules.flatMap(\.actions).map(\.handler) == ["accesslog"])
    }

    @Test("A path of the access log is that of the file, whatever is in it")
    func accessLogPath() throws {
        let gateway = try self.load(text: #"{ version: 1, accessLog: { path: "/a \"b\"\\ ${c}: #d" } }"#)
        let path = gateway.wholeMixer.handlers.first?.config["path"]?.value
        #expect(path == .string(#"/a "b"\ ${c}: #d"#))
    }

    @Test("The access log's instance may be another, and its columns follow")
    func ownAccessLog() throws {
        let gateway = try self.load(
            text: """
                version: 1
                accessLog: { path: stdout }
                mixer:
                  defaults: none
                  instances:
                    - name: accesslog
                      template: logentry
                      params: { variables: { a: request.path, b: '"x"' } }
                """)
        let mixer = gateway.wholeMixer
        let columns = try #require(mixer.handlers.first?.config["columns"])
        #expect(columns.value == .array([ConfigNode(.string("a")), ConfigNode(.string("b"))]))
        #expect(mixer.instances.count == 1)
        #expect(mixer.rules.count == 1)
    }
}
