internal import Foundation
internal import TestSupport

/// Tokens and keys that PyJWT and jwcrypto have made for this run.
struct JwtTokens: Decodable {
    /// Key sets, as texts: all keys, one key, that and a new one, an RSA key, keys that are too weak.
    let keys, p256, rotated, rsa, weak: String
    let tokens: [String: String]

    subscript(name: String) -> String { self.tokens[name] ?? "there is no token '\(name)'" }

    /// `dev/bootstrap --test` installs what makes them.
    static let made = Result {
        let script = Binaries.checkout.appending(path: "Tests/Plugins/Fixtures/make-tokens.py").path
        let python = Binaries.checkout.appending(path: ".build-venv/bin/python").path
        let output = try Tool.run(python, ["-W", "ignore", script])
        return try JSONDecoder().decode(JwtTokens.self, from: Data(output.utf8))
    }

    /// A text as JSON.
    static func quoted(_ text: String) -> String {
        String(decoding: (try? JSONEncoder().encode(text)) ?? Data(), as: UTF8.self)
    }
}
