internal import Filtering
internal import Reactor

extension TLSSession {
    /// The value of an attribute that TLS alone knows; nil when there is none.
    func text(of attribute: KnownAttribute) -> String? {
        switch attribute {
        case .sourcePrincipal: self.peerIdentity?.principal
        case .connectionTLSVersion: self.version.description
        case .connectionTLSCipher: self.cipher
        case .connectionSubjectPeerCertificate: self.peerIdentity?.subject
        case .connectionURISANPeerCertificate: self.peerIdentity?.facts.uris.first
        case .connectionDNSSANPeerCertificate: self.peerIdentity?.facts.dnsNames.first
        case .connectionDigestPeerCertificate: self.peerIdentity?.fingerprint
        case .connectionSerialPeerCertificate: self.peerIdentity?.serial
        case .connectionSubjectLocalCertificate: self.ownCertificate?.subject
        case .connectionURISANLocalCertificate: self.ownCertificate?.uris.first
        case .connectionDNSSANLocalCertificate: self.ownCertificate?.dnsNames.first
        case .connectionURISANsPeerCertificate: Self.lines(self.peerIdentity?.facts.uris)
        case .connectionDNSSANsPeerCertificate: Self.lines(self.peerIdentity?.facts.dnsNames)
        case .connectionURISANsLocalCertificate: Self.lines(self.ownCertificate?.uris)
        case .connectionDNSSANsLocalCertificate: Self.lines(self.ownCertificate?.dnsNames)
        default: nil
        }
    }

    /// One name a line. A name with a line's end in it would be taken for two, and is none.
    private static func lines(_ names: [String]?) -> String? {
        guard let names = names?.filter({ !$0.utf8.contains(0x0A) }), !names.isEmpty else { return nil }
        return names.joined(separator: "\n")
    }
}
