internal import GatewayConfig
internal import Primitives
internal import Reactor

/// Turns the TLS of a configuration into contexts, and remembers those in force: what has not changed, its
/// files included, is used again, and the keys of session tickets outlive every reload.
///
/// For the control thread.
final class TLSCatalogue {
    /// What listeners of requests agree on by ALPN when they do not say.
    static let listenerProtocols = ["h2", "http/1.1"]

    /// A context with what it was made of.
    fileprivate struct Made<Configuration: Equatable, Context> {
        let configuration: Configuration
        let files: [FileStamp]
        let context: Context
    }

    /// What a service's context depends on.
    fileprivate struct ServiceUse: Equatable {
        var tls: ServiceTLS
        var speaks: ServiceProtocol

        init(_ service: ServiceConfiguration, _ tls: ServiceTLS) {
            self.tls = tls
            self.tls.location = .none
            self.speaks = service.protocol
        }

        /// What is offered by ALPN.
        var protocols: [String] {
            switch self.speaks {
            case .http1: ["http/1.1"]
            case .http2: ["h2"]
            case .auto: ["h2", "http/1.1"]
            }
        }
    }

    /// Keys of a listener's own making, and when they were made.
    fileprivate struct Tickets {
        let keys: TLSTicketKeys
        var rotation: Duration
        var rotated: MonotonicTime
    }

    /// The contexts of one configuration, by the names of listeners and services, and what is wrong.
    struct Resolved {
        var problems: [ConfigProblem] = []
        /// Files whose change makes another configuration.
        var watched: Set<String> = []
        fileprivate var listeners: [String: Made<ListenerTLS, TLSServerContext>] = [:]
        fileprivate var services: [String: Made<ServiceUse, TLSClientContext>] = [:]
        fileprivate var tickets: [String: Tickets] = [:]

        func context(ofListener name: String) -> TLSServerContext? { self.listeners[name]?.context }
        func context(ofService name: String) -> TLSClientContext? { self.services[name]?.context }
    }

    private var current = Resolved()

    /// Reads every file that the configuration's TLS names. Blocks.
    func resolve(_ loaded: LoadedConfiguration) -> Resolved {
        var resolved = Resolved()
        for (index, listener) in loaded.configuration.listeners.enumerated() {
            guard let tls = listener.tls else { continue }
            let node = loaded.document.nearest(toPointer: "/listeners/\(index)/tls")
            self.resolve(listener, tls, node, &resolved)
        }
        for (index, service) in loaded.configuration.services.enumerated() {
            guard let tls = service.tls else { continue }
            let node = loaded.document.nearest(toPointer: "/services/\(index)/tls")
            self.resolve(service, tls, node, &resolved)
        }
        return resolved
    }

    /// `resolved` is in force now.
    func adopt(_ resolved: Resolved) { self.current = resolved }

    /// Gives every listener a new ticket key whose time has come.
    func rotateTickets(_ now: MonotonicTime) {
        for (name, tickets) in self.current.tickets
        where now.since(tickets.rotated) >= tickets.rotation.nanoseconds {
            tickets.keys.rotate()
            self.current.tickets[name]?.rotated = now
        }
    }

    /// The certificates in force with their authorities, for `/certs`.
    var certificates: [(certificate: TLSCertificate?, trust: TLSTrust?)] {
        self.current.listeners.sorted { $0.key < $1.key }.flatMap { made in
            let trust = made.value.context.trust
            return made.value.context.certificates.enumerated().map {
                (Optional($0.element), $0.offset == 0 ? trust : nil)
            }
        }
            + self.current.services.sorted { $0.key < $1.key }.map { made in
                (made.value.context.certificate, made.value.context.trust)
            }
    }

    // MARK: Listeners

    private func resolve(
        _ listener: ListenerConfiguration, _ tls: ListenerTLS, _ node: ConfigNode, _ resolved: inout Resolved
    ) {
        let name = listener.name
        var tls = tls
        // A ticket keeps a client's certificate, but not those behind it.
        if listener.clientCertificateForwarding.tellsChain, tls.clientAuthentication.mode != .none {
            tls.sessionTickets.isEnabled = false
        }
        let protocols = tls.alpn ?? (listener.protocol == .tcp ? [] : Self.listenerProtocols)
        var key = tls.withoutLocations
        key.alpn = protocols
        let stamps = tls.files.map { FileStamp($0) }
        resolved.watched.formUnion(tls.files)
        if let made = self.current.listeners[name], made.configuration == key, made.files == stamps,
            tls.sessionTickets.keys.isEmpty
        {
            resolved.listeners[name] = made
            resolved.tickets[name] = self.current.tickets[name]
            // What does not stop the use of a context is said every time.
            self.warn(made.context, tls, node, &resolved)
            return
        }
        var reader = TLSReader(node)
        let parameters = reader.parameters(tls.algorithms, alpn: protocols)
        let certificates = tls.certificates.indices.compactMap {
            reader.certificate(tls.certificates[$0], "/certificates/\($0)")
        }
        reader.warnOfUnused(certificates)
        let verification = self.verification(tls.clientAuthentication, &reader)
        let tickets = self.tickets(name, tls.sessionTickets, &reader)
        if reader.isUsable {
            let context = reader.attempt("") {
                try TLSServerContext(
                    parameters, certificates: certificates, verification: verification,
                    tickets: tickets?.keys,
                    ticketLifetime: Int64(tls.sessionTickets.rotation.nanoseconds / 1_000_000_000), name: name
                )
            }
            resolved.listeners[name] = context.map { Made(configuration: key, files: stamps, context: $0) }
            if tls.sessionTickets.keys.isEmpty { resolved.tickets[name] = tickets }
        }
        resolved.problems += reader.problems
    }

    private func warn(
        _ context: TLSServerContext, _ tls: ListenerTLS, _ node: ConfigNode, _ resolved: inout Resolved
    ) {
        var reader = TLSReader(node)
        for (index, certificate) in context.certificates.enumerated() where index < tls.certificates.count {
            reader.warn(certificate, tls.certificates[index], "/certificates/\(index)")
        }
        reader.warnOfUnused(context.certificates)
        resolved.problems += reader.problems
    }

    private func verification(
        _ authentication: ClientAuthentication, _ reader: inout TLSReader
    ) -> TLSVerification {
        if authentication.mode == .none { return .none }
        let trust = reader.trust(authentication.trustedCA, authentication.crl, "/clientAuthentication")
        return TLSVerification(
            authentication.mode == .require ? .require : .optional, trust: trust,
            names: authentication.subjectAltNames.map { TLSNameRule($0) })
    }

    private func tickets(_ name: String, _ tickets: SessionTickets, _ reader: inout TLSReader) -> Tickets? {
        guard tickets.isEnabled else { return nil }
        if tickets.keys.isEmpty, var known = self.current.tickets[name] {
            known.rotation = tickets.rotation
            return known
        }
        return reader.attempt("/sessionTickets/keys") {
            let keys = try TLSTicketKeys()
            if !tickets.keys.isEmpty { try keys.read(paths: tickets.keys) }
            return Tickets(keys: keys, rotation: tickets.rotation, rotated: .now())
        }
    }

    // MARK: Services

    private func resolve(
        _ service: ServiceConfiguration, _ tls: ServiceTLS, _ node: ConfigNode, _ resolved: inout Resolved
    ) {
        let key = ServiceUse(service, tls)
        let stamps = tls.files.map { FileStamp($0) }
        resolved.watched.formUnion(tls.files)
        if let made = self.current.services[service.name], made.configuration == key, made.files == stamps {
            resolved.services[service.name] = made
            return
        }
        var reader = TLSReader(node)
        let parameters = reader.parameters(tls.algorithms, alpn: key.protocols)
        var certificate: TLSCertificate?
        if let path = tls.certificate, let keyPath = tls.key {
            certificate = reader.certificate(CertificateConfiguration(certificate: path, key: keyPath), "")
        }
        var verification = TLSVerification.none
        if !tls.skipsVerification {
            let trust = reader.trust(tls.trustedCA, tls.crl, "")
            verification = TLSVerification(
                .require, trust: trust, names: tls.subjectAltNames.map { TLSNameRule($0) })
            self.checkNames(service, tls, &reader)
        }
        if reader.isUsable {
            let context = reader.attempt("") {
                try TLSClientContext(parameters, certificate: certificate, verification: verification)
            }
            resolved.services[service.name] = context.map {
                Made(configuration: key, files: stamps, context: $0)
            }
        }
        resolved.problems += reader.problems
    }

    /// A certificate can be good and another's: some name must be known.
    private func checkNames(_ service: ServiceConfiguration, _ tls: ServiceTLS, _ reader: inout TLSReader) {
        guard tls.sni == nil, tls.subjectAltNames.isEmpty else { return }
        for case .address(let address) in service.endpoints.map(\.address) where address.port == nil {
            let message = "`\(address)` has no name that a certificate could have: "
            return reader.problem("", message + "give `sni` or `subjectAltNames`")
        }
    }
}

extension ListenerTLS {
    /// Two that differ in their places in the file alone are the same.
    fileprivate var withoutLocations: Self {
        var copy = self
        copy.location = .none
        copy.clientAuthentication.location = .none
        for index in copy.certificates.indices { copy.certificates[index].location = .none }
        return copy
    }

    fileprivate var files: [String] {
        self.certificates.flatMap { [$0.certificate, $0.key] + [$0.ocspResponse].compactMap { $0 } }
            + [self.clientAuthentication.trustedCA, self.clientAuthentication.crl].compactMap { $0 }
            + self.sessionTickets.keys
    }
}

extension ServiceTLS {
    fileprivate var files: [String] {
        [self.trustedCA, self.crl, self.certificate, self.key].compactMap { $0 }
    }
}
