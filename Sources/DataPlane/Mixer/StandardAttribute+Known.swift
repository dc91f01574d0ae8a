internal import Expressions
internal import Filtering
internal import Primitives

extension StandardAttribute {
    /// The filters' attribute of the same name whose value is the same, a text or a number.
    var known: KnownAttribute? {
        switch self {
        case .requestURLPath: .requestURLPath
        case .requestQuery: .requestQuery
        case .requestOriginalPath: .requestOriginalPath
        case .requestProtocol: .requestProtocol
        case .responseFlags: .responseFlags
        case .responseCodeDetails: .responseCodeDetails
        case .sourceAddress: .sourceAddress
        case .sourcePort: .sourcePort
        case .sourcePrincipal: .sourcePrincipal
        case .destinationServiceName: .destinationServiceName
        case .connectionID: .connectionID
        case .connectionRequestedServerName: .connectionRequestedServerName
        case .connectionLocalAddress: .connectionLocalAddress
        case .connectionRemoteAddress: .connectionRemoteAddress
        case .connectionTLSVersion: .connectionTLSVersion
        case .connectionTLSCipher: .connectionTLSCipher
        case .connectionSubjectPeerCertificate: .connectionSubjectPeerCertificate
        case .connectionURISANPeerCertificate: .connectionURISANPeerCertificate
        case .connectionDNSSANPeerCertificate: .connectionDNSSANPeerCertificate
        case .connectionSHA256PeerCertificateDigest: .connectionDigestPeerCertificate
        case .connectionSerialNumberPeerCertificate: .connectionSerialPeerCertificate
        case .connectionSubjectLocalCertificate: .connectionSubjectLocalCertificate
        case .connectionURISANLocalCertificate: .connectionURISANLocalCertificate
        case .connectionDNSSANLocalCertificate: .connectionDNSSANLocalCertificate
        case .listenerName: .listenerName
        case .routeName: .routeName
        case .upstreamAddress: .upstreamAddress
        default: nil
        }
    }
}

extension Value {
    /// An attribute as filters have it; empty texts are absent.
    init(_ value: AttributeValue) {
        switch value {
        case .none: self = .absent
        case .bytes(let view): self = view.isEmpty ? .absent : .string(view)
        case .integer(let number): self = .int(number)
        }
    }

    /// A moment in nanoseconds since 1970.
    static func timestamp(nanoseconds: UInt64) -> Value {
        .timestamp(
            seconds: Int64(nanoseconds / 1_000_000_000),
            nanoseconds: UInt32(truncatingIfNeeded: nanoseconds % 1_000_000_000))
    }
}

extension ByteView {
    /// The parts of `127.0.0.1:80` or `[::1]:80`.
    var endpoint: (host: IPAddress, port: UInt16)? {
        var colon = self.count - 1
        while colon > 0, self[colon] != 0x3A { colon -= 1 }
        guard colon > 0, let number = self.dropFirst(colon + 1).decimal(), let port = UInt16(exactly: number)
        else { return nil }
        let isBracketed = self[0] == 0x5B
        return IPAddress(isBracketed ? self[1..<colon - 1] : self[0..<colon]).map { ($0, port) }
    }
}
