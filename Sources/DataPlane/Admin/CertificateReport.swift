internal import Glibc
internal import GatewayConfig
internal import Reactor

/// What `/certs` says, in the shape that Envoy's users know.
enum CertificateReport {
    static func document(
        _ certificates: [(certificate: TLSCertificate?, trust: TLSTrust?)]
    ) -> ConfigNode {
        let now = Int64(time(nil))
        let all = certificates.filter { $0.certificate != nil || $0.trust?.path != nil }.map { pair in
            let authorities = pair.trust?.authorities ?? []
            return ConfigNode.object([
                "ca_cert": .array(authorities.map { Self.node($0, pair.trust?.path ?? "", now) }),
                "cert_chain": .array(pair.certificate.map { Self.chain($0, now) } ?? []),
            ])
        }
        return .object(["certificates": .array(all)])
    }

    private static func chain(_ certificate: TLSCertificate, _ now: Int64) -> [ConfigNode] {
        [Self.node(certificate.facts, certificate.path, now, staple: certificate.stapleEnd)]
            + certificate.chain.map { Self.node($0, certificate.path, now) }
    }

    private static func node(
        _ facts: CertificateFacts, _ path: String, _ now: Int64, staple: Int64? = nil
    ) -> ConfigNode {
        let names =
            facts.dnsNames.map { ConfigNode.object(["dns": .text($0)]) }
            + facts.uris.map { ConfigNode.object(["uri": .text($0)]) }
            + facts.addresses.map { ConfigNode.object(["ip_address": .text($0)]) }
        var members = [
            ConfigNode.Member("path", .text(path)), .init("subject", .text(facts.subject)),
            .init("serial_number", .text(facts.serial)), .init("subject_alt_names", .array(names)),
            .init("days_until_expiration", .text("\(max(0, facts.daysLeft(now)))")),
            .init("valid_from", .text(CertificateDate(facts.notBefore).description)),
            .init("expiration_time", .text(CertificateDate(facts.notAfter).description)),
        ]
        if let staple {
            let details = ConfigNode.object(["expiration": .text(CertificateDate(staple).description)])
            members.append(.init("ocsp_details", details))
        }
        return ConfigNode(.object(members))
    }
}
