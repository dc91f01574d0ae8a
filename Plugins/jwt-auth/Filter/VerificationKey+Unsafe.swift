internal import CJose
internal import PosternSDK

/// A key of a JSON Web Key Set (RFC 7517), ready to verify.
final class VerificationKey: Sendable {
    let id: String?
    let family: Algorithm.Family
    /// The only algorithm that the key is for; nil: all of its family.
    let algorithm: Algorithm?
    // SAFETY: made in init, freed in deinit, never changed between; libcrypto verifies from any thread.
    private nonisolated(unsafe) let key: OpaquePointer?
    private let secret: [UInt8]

    /// - Returns: nil for a key that is for something else, unknown or too weak (RFC 7517, 5).
    init?(_ jwk: JSONValue) {
        if let use = jwk["use"], use.text != "sig" { return nil }
        if case .array(let operations) = jwk["key_ops"], !operations.contains(.string("verify")) {
            return nil
        }
        self.id = jwk["kid"]?.text
        if let name = jwk["alg"] {
            guard let algorithm = name.text.flatMap({ Algorithm(rawValue: $0) }) else { return nil }
            self.algorithm = algorithm
        } else {
            self.algorithm = nil
        }
        var secret: [UInt8] = []
        var key: OpaquePointer?
        let family: Algorithm.Family
        switch jwk["kty"]?.text {
        case "RSA":
            family = .rsa
            // Fewer bits can be broken; more only cost the gateway's time.
            guard let n = Self.bytes(jwk["n"]), let e = Self.bytes(jwk["e"]), (256...1024).contains(n.count),
                (1...8).contains(e.count), n[0] != 0
            else { return nil }
            key = postern_key_rsa(n, n.count, e, e.count)
        case "EC":
            let curves: [String: (number: Int32, count: Int)] = [
                "P-256": (Int32(POSTERN_P256), 32), "P-384": (Int32(POSTERN_P384), 48),
                "P-521": (Int32(POSTERN_P521), 66),
            ]
            guard let curve = jwk["crv"]?.text.flatMap({ curves[$0] }), let x = Self.bytes(jwk["x"]),
                let y = Self.bytes(jwk["y"]), x.count == curve.count, y.count == curve.count
            else { return nil }
            family = .ec(curve.number)
            key = postern_key_ec(curve.number, x, y, x.count)
        case "OKP":
            family = .ed25519
            guard jwk["crv"]?.text == "Ed25519", let x = Self.bytes(jwk["x"]), x.count == 32 else {
                return nil
            }
            key = postern_key_ed25519(x)
        case "oct":
            family = .secret
            guard let k = Self.bytes(jwk["k"]), !k.isEmpty else { return nil }
            secret = k
        default: return nil
        }
        self.family = family
        self.secret = secret
        self.key = key
        if family != .secret, key == nil { return nil }
        if let algorithm = self.algorithm, algorithm.family != family { return nil }
    }

    deinit { postern_key_free(self.key) }

    private static func bytes(_ value: JSONValue?) -> [UInt8]? {
        value?.text.flatMap { Base64.decode(Array($0.utf8).span, .url) }
    }

    /// Whether tokens of that algorithm may be tried with the key.
    func isFor(_ algorithm: Algorithm) -> Bool {
        self.family == algorithm.family && (self.algorithm == nil || self.algorithm == algorithm)
    }

    /// - Parameter algorithm: One that the key is for.
    func verifies(_ token: CompactToken, _ algorithm: Algorithm) -> Bool {
        let signature = token.signature
        guard let key = self.key else {
            // A shorter secret than the hash is one that can be guessed (RFC 7518, 3.2).
            guard self.secret.count * 8 >= Int(algorithm.hashBits) else { return false }
            return postern_verify_hmac(
                algorithm.hashBits, self.secret, self.secret.count, token.text, token.signedCount, signature,
                signature.count) == 1
        }
        return postern_verify(
            algorithm.kind, algorithm.hashBits, key, token.text, token.signedCount, signature, signature.count
        )
            == 1
    }
}
