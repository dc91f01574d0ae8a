internal import COpenSSL
internal import Glibc

extension CertificateFacts {
    /// - Parameter certificate: An X509 of OpenSSL that lives for the call.
    init(_ certificate: OpaquePointer?) {
        var digest = [UInt8](repeating: 0, count: 32)
        postern_x509_fingerprint(certificate, &digest)
        self.init(
            subject: TLSText.taken(postern_x509_subject(certificate)) ?? "",
            issuer: TLSText.taken(postern_x509_issuer(certificate)) ?? "",
            commonName: TLSText.taken(postern_x509_common_name(certificate)),
            serial: TLSText.taken(postern_x509_serial(certificate)) ?? "",
            fingerprint: Self.hexadecimal(digest),
            notBefore: postern_x509_not_before(certificate),
            notAfter: postern_x509_not_after(certificate)
        )
        let names = postern_names_of(certificate)
        defer { postern_names_free(names) }
        for index in 0..<postern_names_count(names) {
            var start: UnsafePointer<CChar>?
            var length = 0
            let kind = postern_name_at(names, index, &start, &length)
            // SAFETY: the name's bytes live as long as `names`.
            let bytes = UnsafeRawBufferPointer(start: start, count: length)
            switch UInt32(kind) {
            case POSTERN_NAME_DNS.rawValue: self.dnsNames.append(String(decoding: bytes, as: UTF8.self))
            case POSTERN_NAME_URI.rawValue: self.uris.append(String(decoding: bytes, as: UTF8.self))
            case POSTERN_NAME_IP.rawValue: self.addresses.append(Self.address(Array(bytes)))
            default: break
            }
        }
    }

    private static func address(_ bytes: [UInt8]) -> String {
        var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        let family = bytes.count == 4 ? AF_INET : AF_INET6
        guard bytes.count == 4 || bytes.count == 16,
            inet_ntop(family, bytes, &text, socklen_t(text.count)) != nil
        else { return "" }
        return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    static func hexadecimal(_ bytes: [UInt8]) -> String {
        let digits = Array("0123456789abcdef".utf8)
        return String(
            decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }
}
