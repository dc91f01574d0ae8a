/// What must hold between listeners, TCP routes and services.
extension GatewayChecks {
    mutating func checkProtocols() {
        let listeners = self.configuration.listeners
        for route in self.configuration.routes {
            self.checkListeners(
                of: route.listeners, at: route.location, refused: listeners.filter { $0.protocol == .tcp },
                "routes are for HTTP; use `tcpRoutes`")
        }
        for route in self.configuration.tcpRoutes {
            self.checkListeners(
                of: route.listeners, at: route.location, refused: listeners.filter { $0.protocol == .http },
                "its `protocol` must be `tcp` or `auto` for a TCP route")
        }
        for listener in listeners where listener.protocol == .tcp { self.checkFilters(of: listener) }
        self.checkProxyHeaders()
    }

    private mutating func checkListeners(
        of names: [String]?, at location: ConfigLocation, refused: [ListenerConfiguration], _ why: String
    ) {
        for listener in refused where names?.contains(listener.name) == true {
            self.reading.problem(
                location, "listener `\(listener.name)` speaks \(listener.protocol.rawValue): \(why)")
        }
    }

    /// Rules behind one that takes everything.
    private mutating func checkReach(of route: TCPRouteConfiguration) {
        guard let last = route.rules.firstIndex(where: { $0.match.isAny }) else { return }
        for rule in route.rules.dropFirst(last + 1) {
            self.reading.warn(
                rule.location, "this rule can never match: rule \(last) of the route takes every connection")
        }
    }

    private mutating func checkFilters(of listener: ListenerConfiguration) {
        for filter in listener.filters {
            if case .lua = filter.implementation {
                self.reading.problem(
                    filter.location,
                    "a script sees HTTP, and listener `\(listener.name)` speaks tcp; use a network filter")
            }
        }
    }

    /// A PROXY header speaks for one client, and connections of HTTP services serve many.
    private mutating func checkProxyHeaders() {
        let senders = Set(self.configuration.services.filter { $0.proxyProtocol != .none }.map(\.name))
        if senders.isEmpty { return }
        for rule in self.configuration.routes.flatMap(\.rules) {
            guard case .forward(let services) = rule.action else { continue }
            for service in services where senders.contains(service.service) {
                self.reading.problem(
                    rule.location,
                    "service `\(service.service)` begins with a PROXY header, which speaks for one client; "
                        + "its connections serve many: use it in `tcpRoutes` only")
            }
        }
    }

    /// Listeners whose connections nobody takes, and rules that none reaches.
    mutating func warnOfUnservedTCP() {
        for route in self.configuration.tcpRoutes { self.checkReach(of: route) }
        for listener in self.configuration.listeners where listener.protocol == .tcp {
            let isServed = self.configuration.tcpRoutes.contains {
                $0.listeners?.contains(listener.name) ?? true
            }
            if isServed { continue }
            self.reading.warn(
                listener.location,
                "no TCP route serves listener `\(listener.name)`: it closes every connection")
        }
    }
}
