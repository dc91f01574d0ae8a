internal import PluginSupport
package import PosternSDK

/// A signed token in its compact form (RFC 7515, 7.1; RFC 7519), read but not believed.
///
///     base64url(header) "." base64url(claims) "." base64url(signature)
package struct CompactToken: Sendable {
    /// The most bytes of a token: more fits in no head of other gateways.
    package static let limit = 16_384

    /// Why a text is no token; fixed texts, which may be shown to the client.
    package struct Malformed: Error, Hashable {
        package let reason: String
    }

    /// `alg` as it stands; no name that is not in ``Algorithm`` leads to a signature that is looked at.
    package let algorithm: String
    /// `kid`; compared with those of keys, and used for nothing else.
    package let keyID: String?
    /// `iss`, to choose whose keys to try.
    package let issuer: String?
    /// All claims.
    package let claims: JSONValue
    /// What is signed: everything before the second dot.
    package let signedCount: Int
    package let signature: [UInt8]
    package let text: [UInt8]

    /// - Throws: ``Malformed``.
    package init(_ text: [UInt8]) throws(Malformed) {
        guard text.count <= Self.limit else { throw Malformed(reason: "the token is too long") }
        let span = text.span
        let first = span.firstIndex(of: 0x2E)
        let second = span.firstIndex(of: 0x2E, from: first + 1)
        // Five parts are an encrypted token; two, or an empty third, an unsigned one.
        guard second < text.count, span.firstIndex(of: 0x2E, from: second + 1) == text.count else {
            throw Malformed(reason: "the token does not have three parts")
        }
        let header = try Self.object(span.extracting(0..<first), "the token's header is no JSON object")
        guard let algorithm = header["alg"]?.text else {
            throw Malformed(reason: "the token's header names no algorithm")
        }
        // What an extension means is not known here, and not to know it forbids the token (RFC 7515, 4.1.11).
        guard header["crit"] == nil else {
            throw Malformed(reason: "the token's header has critical extensions")
        }
        if let type = header["typ"] {
            // A token made for something else is none for access (RFC 8725, 3.11).
            guard let text = type.text, ["jwt", "at+jwt", "application/at+jwt"].contains(text.lowercased())
            else { throw Malformed(reason: "the token is of another type") }
        }
        if let id = header["kid"] {
            guard let text = id.text else { throw Malformed(reason: "the token's key id is no text") }
            self.keyID = text
        } else {
            self.keyID = nil
        }
        let claims = try Self.object(
            span.extracting((first + 1)..<second), "the token's claims are no JSON object")
        let rest = span.extracting((second + 1)..<text.count)
        guard let signature = Base64.decode(rest, .url), !signature.isEmpty else {
            throw Malformed(reason: "the token has no signature")
        }
        self.algorithm = algorithm
        self.issuer = claims["iss"]?.text
        self.claims = claims
        self.signedCount = second
        self.signature = signature
        self.text = text
    }

    private static func object(_ part: Span<UInt8>, _ reason: String) throws(Malformed) -> JSONValue {
        guard let bytes = Base64.decode(part, .url), let value = try? JSONValue(parsing: bytes),
            case .object = value
        else { throw Malformed(reason: reason) }
        return value
    }
}
