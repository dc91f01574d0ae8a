internal import COpenSSL
internal import Glibc

/// What C wants to know for a context, with everything it points at.
struct TLSOptions {
    let parameters: TLSParameters
    let verification: TLSVerification
    var tickets: TLSTicketKeys?
    var ticketLifetime: Int64 = 0
    /// How far the time that tickets are judged by is ahead.
    var clockAhead: Int64 = 0
    /// Tickets are good for contexts with the same.
    var sessionContext = [UInt8](repeating: 0, count: 32)

    /// Lends the C form for the length of `body`.
    func withOptions<Result>(_ body: (UnsafePointer<postern_tls_options>) throws -> Result) rethrows -> Result
    {
        // SAFETY: everything that the options point at lives until `body` has returned: the copies are freed
        // behind it, the arrays are lent around it.
        var copies: [UnsafeMutablePointer<CChar>?] = []
        defer { for copy in copies { free(copy) } }
        func copy(_ text: String) -> UnsafePointer<CChar>? {
            copies.append(strdup(text))
            return copies.last.flatMap { UnsafePointer($0) }
        }
        var options = postern_tls_options()
        options.minimum = self.parameters.minimum.rawValue
        options.maximum = self.parameters.maximum.rawValue
        options.ciphers = copy(self.parameters.ciphers.joined(separator: ":"))
        options.suites = copy(self.parameters.suites.joined(separator: ":"))
        options.groups = copy(self.parameters.groups.joined(separator: ":"))
        switch self.verification.mode {
        case .none: options.verify = POSTERN_VERIFY_NONE
        case .optional: options.verify = POSTERN_VERIFY_OPTIONAL
        case .require: options.verify = POSTERN_VERIFY_REQUIRE
        }
        options.trust = self.verification.trust?.handle
        options.tickets = self.tickets?.handle
        options.ticket_lifetime_s = UInt32(clamping: self.ticketLifetime)
        options.clock_ahead_s = self.clockAhead
        let rules = self.verification.names.map { rule in
            postern_name_rule(kind: rule.kind.code, match: rule.match.code, text: copy(rule.text))
        }
        options.rule_count = UInt32(rules.count)
        let alpn = self.parameters.alpnBytes
        options.alpn_length = alpn.count
        return try rules.withUnsafeBufferPointer { rules in
            options.rules = rules.baseAddress
            return try alpn.withUnsafeBufferPointer { alpn in
                options.alpn = alpn.baseAddress
                return try self.sessionContext.withUnsafeBufferPointer { context in
                    options.session_context = context.baseAddress
                    return try body(&options)
                }
            }
        }
    }
}

extension TLSNameRule.Kind {
    fileprivate var code: Int32 {
        switch self {
        case .dns: Int32(POSTERN_NAME_DNS.rawValue)
        case .uri: Int32(POSTERN_NAME_URI.rawValue)
        case .either: Int32(POSTERN_NAME_OTHER.rawValue)
        }
    }
}

extension TLSNameRule.Match {
    fileprivate var code: Int32 {
        switch self {
        case .exact: 0
        case .prefix: 1
        case .suffix: 2
        }
    }
}
