internal import GatewayConfig
internal import Glibc
internal import LuaHost
internal import PluginHost
internal import Primitives
internal import Telemetry
internal import Upstreams

// The admin endpoints (docs/reference/admin.md), in the shape that Envoy's users know.

extension Gateway {
    /// The endpoints with what they are for, and whether they change something and so must be POSTed.
    private static let endpoints: [(path: String, changes: Bool, purpose: String)] = [
        ("/certs", false, "certificates and authorities in force, and how long they are valid"),
        ("/clusters", false, "services, their endpoints, names and connections"),
        ("/config_dump", false, "the configuration in force, without secrets"),
        ("/drain_listeners", true, "accept no more and close connections as they become idle"),
        ("/handlers", false, "the mixer's handlers: health, queues, what was delivered and lost"),
        ("/listeners", false, "listeners and the addresses they listen at"),
        ("/logging", true, "the log's level; ?level=debug sets it"),
        ("/memory", false, "resident and private memory"),
        ("/plugins", false, "plugin files that are loaded"),
        ("/policies", false, "Lua scripts and how each stands"),
        ("/ready", false, "200 while requests are served, else 503"),
        ("/server_info", false, "version, state and uptime"),
        ("/stats", false, "metrics as text; ?format=prometheus or json"),
        ("/stats/prometheus", false, "metrics for Prometheus"),
    ]

    /// Answers a request to the admin endpoint, at once or when all workers have said their part.
    func answer(_ request: AdminRequest, _ reply: @escaping (AdminReply) -> Void) {
        if request.path == "/" { return reply(.text(Self.index)) }
        guard let endpoint = Self.endpoints.first(where: { $0.path == request.path }) else {
            return reply(.text("no such endpoint\n\n\(Self.index)", status: 404))
        }
        let isRead = request.method == "GET" || request.method == "HEAD"
        guard isRead || request.method == "POST" else {
            return reply(.text("\(request.path) takes GET or POST\n", status: 405))
        }
        if endpoint.changes, isRead, request.path != "/logging" || request.query["level"] != nil {
            return reply(.text("\(request.path) changes something: use POST\n", status: 405))
        }
        switch request.path {
        case "/ready": reply(.text("\(self.state)\n", status: self.isReady ? 200 : 503))
        case "/stats": reply(self.stats(request))
        case "/stats/prometheus": reply(self.prometheus())
        case "/config_dump": reply(.json(self.dump))
        case "/certs": reply(.json(CertificateReport.document(self.tls.certificates)))
        case "/clusters": self.clusters(request, reply)
        case "/handlers": reply(self.handlers(request))
        case "/listeners": reply(self.listeners(request))
        case "/plugins": reply(self.plugins(request))
        case "/policies": reply(self.policies(request))
        case "/logging": reply(self.logging(request))
        case "/drain_listeners":
            self.drainListeners()
            reply(.text("OK\n"))
        case "/server_info": reply(self.serverInfo())
        default: reply(self.memory())
        }
    }

    private static var index: String {
        self.endpoints.map { "\($0.path)\($0.changes ? " (POST)" : ""): \($0.purpose)\n" }.joined()
    }

    // MARK: Metrics

    private func prometheus() -> AdminReply {
        .rendered("\(PrometheusText.contentType)") { PrometheusText.render(self.telemetry.registry, to: $0) }
    }

    private func stats(_ request: AdminRequest) -> AdminReply {
        switch request.query["format"] {
        case "prometheus": self.prometheus()
        case "json": .rendered("application/json") { StatsText.renderJSON(self.telemetry.registry, to: $0) }
        default: .rendered("text/plain; charset=utf-8") { StatsText.render(self.telemetry.registry, to: $0) }
        }
    }

    // MARK: State

    private func clusters(_ request: AdminRequest, _ reply: @escaping (AdminReply) -> Void) {
        self.gather({ $0.endpointReports }) { perWorker in
            var totals: [String: [String: EndpointReport]] = [:]
            for report in perWorker.joined() {
                totals[report.service, default: [:]][report.address, default: report.zero].add(report)
            }
            let all = totals.sorted { $0.key < $1.key }.flatMap {
                $0.value.values.sorted { $0.address < $1.address }
            }
            let names = self.names.reports.sorted { $0.service < $1.service }
            reply(
                request.wantsJSON
                    ? .json(.array(all.map(\.node) + names.map(\.node)))
                    : .text((all.map(\.text) + names.map(\.text)).joined()))
        }
    }

    private func handlers(_ request: AdminRequest) -> AdminReply {
        let all = self.mixer.statuses.map(HandlerReport.init)
        return request.wantsJSON ? .json(.array(all.map(\.node))) : .text(all.map(\.text).joined())
    }

    private func listeners(_ request: AdminRequest) -> AdminReply {
        let all = self.current?.listeners ?? []
        if request.wantsJSON {
            return .json(
                .array(
                    all.map {
                        .object(["name": .text($0.name), "address": .text(self.boundAddress($0))])
                    })
            )
        }
        return .text(all.map { "\($0.name)::\(self.boundAddress($0))\n" }.joined())
    }

    private func plugins(_ request: AdminRequest) -> AdminReply {
        let all = self.filters.plugins.descriptions
        if request.wantsJSON {
            return .json(
                .array(
                    all.map {
                        .object([
                            "name": .text($0.name), "version": .text($0.version), "abi": .text($0.abi),
                            "swift": .text($0.swift), "digest": .text($0.digest), "path": .text($0.path),
                        ])
                    }
                )
            )
        }
        return .text(
            all.map { "\($0.name)::version::\($0.version)::digest::\($0.digest)::path::\($0.path)\n" }
                .joined())
    }

    private func policies(_ request: AdminRequest) -> AdminReply {
        let all = self.filters.policySets.flatMap(\.policies).sorted { $0.path < $1.path }
        func state(_ policy: PolicySet.Policy) -> String {
            policy.problem == nil
                ? "in force" : policy.script == nil ? "refused" : "previous version in force"
        }
        if request.wantsJSON {
            return .json(
                .array(
                    all.map {
                        .object([
                            "path": .text($0.path), "state": .text(state($0)),
                            "problem": .text($0.problem.map { "\($0)" }),
                        ])
                    }
                )
            )
        }
        return .text(
            all.map { "\($0.path)::\(state($0))\($0.problem.map { "::\($0)" } ?? "")\n" }.joined()
        )
    }

    private func logging(_ request: AdminRequest) -> AdminReply {
        let levels = LogLevel.allCases.map { "\($0.name)" }.joined(separator: ", ")
        if let name = request.query["level"] {
            guard let level = LogLevel(name: name) else {
                return .text("level must be one of \(levels), got '\(name)'\n", status: 400)
            }
            self.log.level = level
        } else if let other = request.query.keys.sorted().first(where: { $0 != "format" }) {
            return .text("only 'level' can be set, got '\(other)'\n", status: 400)
        }
        let level = "\(self.log.level.name)"
        return request.wantsJSON ? .json(.object(["level": .text(level)])) : .text("level: \(level)\n")
    }

    private func serverInfo() -> AdminReply {
        .json(
            .object([
                "version": .text(Gateway.version), "state": .text(self.state),
                "uptime_seconds": .number(Int((MonotonicTime.now().since(self.started)) / 1_000_000_000)),
                "workers": .number(self.workers.count), "generation": .number(self.current?.generation ?? 0),
                "pid": .number(Int(getpid())), "config_path": .text(self.options.path),
            ])
        )
    }

    private func memory() -> AdminReply {
        let usage = ProcessMemory.current()
        return .json(
            .object([
                "resident_bytes": .number(usage.resident), "private_bytes": .number(usage.privateBytes),
            ])
        )
    }
}
