internal import PosternSDK

/// A JSON Web Key Set (RFC 7517, 5).
final class KeySet: Sendable {
    let keys: [VerificationKey]
    /// Keys that are unknown, too weak or for something else.
    let ignored: Int

    /// Keys of one token that are tried: a set with many keys under one id is no way to have much work done.
    private static let tries = 4

    /// - Throws: ``ConfigProblem`` for what is no key set, or one in which no key can be used.
    init(_ text: [UInt8]) throws(ConfigProblem) {
        let value = try JSONValue(parsing: text)
        guard case .array(let keys) = value["keys"] else {
            throw ConfigProblem("", "is no key set: an object with an array 'keys' is needed")
        }
        guard keys.count <= 1000 else {
            throw ConfigProblem("", "has \(keys.count) keys, at most 1,000 are allowed")
        }
        self.keys = keys.compactMap { VerificationKey($0) }
        self.ignored = keys.count - self.keys.count
        guard !self.keys.isEmpty else {
            throw ConfigProblem("", "has no key that can verify: RSA of 2,048 bits, EC, Ed25519 or oct")
        }
    }

    /// What a token's signature has come to.
    enum Verdict { case good, bad, unknownKey }

    /// Tries the keys that the token may mean.
    func verify(_ token: CompactToken, _ algorithm: Algorithm) -> Verdict {
        var left = Self.tries
        for key in self.keys where self.mayMean(key, token, algorithm) {
            if key.verifies(token, algorithm) { return .good }
            left -= 1
            if left == 0 { break }
        }
        return left == Self.tries ? .unknownKey : .bad
    }

    private func mayMean(_ key: VerificationKey, _ token: CompactToken, _ algorithm: Algorithm) -> Bool {
        guard key.isFor(algorithm) else { return false }
        guard let wanted = token.keyID, let id = key.id else { return true }
        return id == wanted
    }
}
