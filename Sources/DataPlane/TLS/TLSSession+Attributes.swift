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
        default: nil
        }
    }
}
