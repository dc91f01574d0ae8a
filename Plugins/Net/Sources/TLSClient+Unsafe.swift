internal import CNetTLS
internal import Glibc
internal import PosternSDK

/// What connections trust and show; may be kept and shared by threads.
public final class TLSClient: @unchecked Sendable {
    // SAFETY: made in init, only read from then on (OpenSSL's contexts count references by atomics), freed in
    // deinit; sessions hold it.
    let context: OpaquePointer
    /// What the certificate must be for, in place of the address's name.
    let serverName: String?

    /// - Parameter application: The protocol that is spoken (ALPN), such as `h2`; nil: it is not said.
    /// - Throws: ``ConfigProblem`` at `pointer`, without bytes of the key.
    public init(_ config: TLSConfig, application: String? = nil, at pointer: String = "/tls") throws {
        if (config.certificate == nil) != (config.key == nil) {
            throw ConfigProblem(pointer, "'certificate' and 'key' belong together: one is missing")
        }
        var why = [CChar](repeating: 0, count: 256)
        let made = config.trustedCA.withOptionalText { authorities in
            config.certificate.withOptionalText { certificate in
                config.key.withOptionalText { key in
                    postern_net_tls_new(authorities, certificate, key, config.verify ?? true, &why, why.count)
                }
            }
        }
        guard let made else { throw ConfigProblem(pointer, text(why)) }
        if let application { postern_net_tls_offer(made, application) }
        self.context = made
        self.serverName = config.serverName
    }

    deinit { postern_net_tls_free(self.context) }
}

/// TLS of one connection.
struct TLSSession: ~Copyable {
    // SAFETY: made in init, freed in deinit; `client` keeps the context for as long.
    private let session: OpaquePointer
    private let client: TLSClient
    private let subject: BackendAddress

    init(_ client: TLSClient, _ descriptor: borrowing Descriptor, _ address: BackendAddress) throws(NetError)
    {
        let name = client.serverName ?? address.host ?? "localhost"
        guard let made = postern_net_session_new(client.context, descriptor.number, name) else {
            throw NetError(.tls, address, "no memory for TLS")
        }
        self.session = made
        self.client = client
        self.subject = address
    }

    deinit {
        postern_net_session_close(self.session)
        postern_net_session_free(self.session)
    }

    func shakeHands(_ descriptor: borrowing Descriptor, until deadline: Deadline) throws(NetError) {
        var why = [CChar](repeating: 0, count: 256)
        while true {
            let result = postern_net_session_handshake(self.session, &why, why.count)
            if result == 1 { return }
            guard let events = Self.wanted(Int(result)) else {
                throw NetError(.tls, self.subject, text(why))
            }
            try descriptor.wait(for: events, until: deadline, "shaking hands (TLS)")
        }
    }

    /// Bytes, 0 at the end, or nil and what to wait for.
    func read(_ room: UnsafeMutableRawBufferPointer) throws(NetError) -> Progress {
        var why = [CChar](repeating: 0, count: 256)
        let bytes = room.assumingMemoryBound(to: UInt8.self)
        return try self.progress(
            postern_net_session_read(self.session, bytes.baseAddress, bytes.count, &why, why.count), why)
    }

    func write(_ bytes: UnsafeRawBufferPointer) throws(NetError) -> Progress {
        var why = [CChar](repeating: 0, count: 256)
        let bytes = bytes.assumingMemoryBound(to: UInt8.self)
        return try self.progress(
            postern_net_session_write(self.session, bytes.baseAddress, bytes.count, &why, why.count), why)
    }

    enum Progress {
        case bytes(Int)
        case waits(for: Int32)
    }

    private func progress(_ result: Int, _ why: [CChar]) throws(NetError) -> Progress {
        if result >= 0 { return .bytes(result) }
        guard let events = Self.wanted(result) else { throw NetError(.closed, self.subject, text(why)) }
        return .waits(for: events)
    }

    /// What poll(2) should wait for; nil when it failed.
    private static func wanted(_ result: Int) -> Int32? {
        switch result {
        case Int(POSTERN_NET_WANT_READ): POLLIN
        case Int(POSTERN_NET_WANT_WRITE): POLLOUT
        default: nil
        }
    }
}

private func text(_ characters: [CChar]) -> String {
    String(decoding: characters.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
}

extension String? {
    fileprivate func withOptionalText<Result>(_ body: (UnsafePointer<CChar>?) -> Result) -> Result {
        guard let self else { return body(nil) }
        return self.withCString(body)
    }
}
