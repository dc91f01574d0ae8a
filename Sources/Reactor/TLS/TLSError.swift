/// What cannot be used for TLS: a file, a cipher, a certificate.
public struct TLSError: Error, Sendable, Equatable, CustomStringConvertible {
    /// Names the file, where there is one, and what was found; never a key's bytes.
    public let description: String

    public init(_ description: String) { self.description = description }
}
