internal import GatewayConfig
internal import Primitives
internal import Reactor

/// One element of `X-Forwarded-Client-Cert`: a client's certificate, in Envoy's form. Made once for a
/// connection.
struct CertificateElement {
    /// `By=…;Hash=…;Subject="…";URI=…;DNS=…`; nil when the client has shown no certificate.
    let text: ByteBuffer?

    init(_ connection: ServerConnection) {
        guard let tls = connection.tls, let peer = tls.peerIdentity else {
            self.text = nil
            return
        }
        let forwarding = connection.plan.clientCertificates
        var parts: [String] = []
        if let own = tls.ownCertificate?.uris.first { parts.append("By=\(Self.quoted(own))") }
        parts.append("Hash=\(peer.fingerprint)")
        if forwarding.includesCertificate || forwarding.includesChain {
            let chain = tls.peerChain.map(Self.encoded)
            if forwarding.includesCertificate { parts.append("Cert=\"\(chain.first ?? "")\"") }
            if forwarding.includesChain { parts.append("Chain=\"\(chain.joined())\"") }
        }
        parts.append("Subject=\"\(Self.escaped(peer.subject))\"")
        parts += peer.facts.uris.map { "URI=\(Self.quoted($0))" }
        parts += peer.facts.dnsNames.map { "DNS=\(Self.quoted($0))" }
        let text = ByteBuffer(capacity: 256)
        text.append(parts.joined(separator: ";"))
        self.text = text
    }

    /// What separates elements and pairs must stand in quotes, and so must what escapes in them.
    static func quoted(_ value: String) -> String {
        let special = Set(",;=\"\\".utf8)
        let needsQuotes = value.utf8.contains { special.contains($0) }
        return needsQuotes ? "\"\(Self.escaped(value))\"" : Self.printable(value)
    }

    static func escaped(_ value: String) -> String {
        Self.printable(value).replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
    }

    /// A certificate may say anything, a field's value may not.
    private static func printable(_ value: String) -> String {
        String(decoding: value.utf8.map { $0 < 0x20 || $0 == 0x7F ? 0x3F : $0 }, as: UTF8.self)
    }

    /// As in a URL (RFC 3986, 2.1).
    private static func encoded(_ text: String) -> String {
        let digits = Array("0123456789ABCDEF".utf8)
        let bytes = text.utf8.flatMap { byte -> [UInt8] in
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F, 0x7E: [byte]
            default: [0x25, digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
