internal import CJose

/// A way of signing (RFC 7518, 3.1; RFC 8037, 3.1).
enum Algorithm: String, Sendable, CaseIterable {
    case rs256 = "RS256"
    case rs384 = "RS384"
    case rs512 = "RS512"
    case ps256 = "PS256"
    case ps384 = "PS384"
    case ps512 = "PS512"
    case es256 = "ES256"
    case es384 = "ES384"
    case es512 = "ES512"
    case edDSA = "EdDSA"
    case hs256 = "HS256"
    case hs384 = "HS384"
    case hs512 = "HS512"

    /// The kinds of keys: a token can only be tried with keys of its algorithm's own kind, so that nobody can
    /// have a public key taken for a secret.
    enum Family: Sendable, Hashable {
        case rsa
        case ec(Int32)
        case ed25519
        case secret
    }

    var family: Family {
        switch self {
        case .rs256, .rs384, .rs512, .ps256, .ps384, .ps512: .rsa
        case .es256: .ec(Int32(POSTERN_P256))
        case .es384: .ec(Int32(POSTERN_P384))
        case .es512: .ec(Int32(POSTERN_P521))
        case .edDSA: .ed25519
        case .hs256, .hs384, .hs512: .secret
        }
    }

    /// Of SHA-2; 0 where the algorithm has its own.
    var hashBits: Int32 {
        switch self {
        case .rs256, .ps256, .es256, .hs256: 256
        case .rs384, .ps384, .es384, .hs384: 384
        case .rs512, .ps512, .es512, .hs512: 512
        case .edDSA: 0
        }
    }

    /// postern_jose.h's name; HMAC has none.
    var kind: Int32 {
        switch self {
        case .rs256, .rs384, .rs512: Int32(POSTERN_RSA_PKCS1)
        case .ps256, .ps384, .ps512: Int32(POSTERN_RSA_PSS)
        case .es256, .es384, .es512: Int32(POSTERN_ECDSA)
        default: Int32(POSTERN_EDDSA)
        }
    }

    /// Those with a public and a private key.
    static let asymmetric = Self.allCases.filter { $0.family != .secret }
}
