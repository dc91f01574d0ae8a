/// `tls:` of an adapter's configuration.
public struct TLSConfig: Decodable, Sendable, Hashable {
    /// Authorities that the backend's certificate may come from, in PEM; absent: those of the system.
    public var trustedCA: String?
    /// The certificate to show, with its chain, in PEM.
    public var certificate: String?
    /// Its key.
    public var key: String?
    /// What the backend's certificate must be for; absent: the host of the address.
    public var serverName: String?
    /// Whether the backend's certificate is looked at; absent: yes.
    public var verify: Bool?

    /// What is not given stays as the defaults say.
    public init(
        trustedCA: String? = nil, certificate: String? = nil, key: String? = nil, serverName: String? = nil,
        verify: Bool? = nil
    ) {
        self.trustedCA = trustedCA
        self.certificate = certificate
        self.key = key
        self.serverName = serverName
        self.verify = verify
    }

    /// JSON Schema of it, to be written behind `"tls":`.
    public static let schema = """
        {
          "type": "object", "additionalProperties": false,
          "description": "TLS towards the backend; absent: plain text.",
          "properties": {
            "trustedCA": {
              "type": "string", "minLength": 1, "writeOnly": true,
              "description": "Authorities it is trusted by (PEM): { file: PATH }. Default: the system's."
            },
            "certificate": {
              "type": "string", "minLength": 1, "writeOnly": true,
              "description": "The certificate to show, with its chain (PEM): { file: PATH }."
            },
            "key": {
              "type": "string", "minLength": 1, "writeOnly": true,
              "description": "Its key (PEM, without a password): { file: PATH }."
            },
            "serverName": {
              "type": "string", "minLength": 1,
              "description": "The name that its certificate must have. Default: the host of the address."
            },
            "verify": {
              "type": "boolean", "default": true,
              "description": "Whether its certificate is looked at; false trusts whoever answers."
            }
          }
        }
        """
}
