/// The files of one certificate, in PEM.
public struct CertificateConfiguration: Sendable, Hashable {
    /// The certificate and the chain behind it.
    ///
    /// Required. Key `certificate`.
    public var certificate: String
    /// The private key, not encrypted.
    ///
    /// Required. Key `key`.
    public var key: String
    /// What the authority says of the certificate (OCSP, DER), for clients that ask.
    ///
    /// Key `ocspResponse`.
    public var ocspResponse: String?
    /// Where in the file it stands.
    public var location: ConfigLocation

    public init(
        certificate: String, key: String, ocspResponse: String? = nil, location: ConfigLocation = .none
    ) {
        self.certificate = certificate
        self.key = key
        self.ocspResponse = ocspResponse
        self.location = location
    }
}
