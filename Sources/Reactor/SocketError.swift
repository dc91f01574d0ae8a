internal import Glibc

/// A system call on a socket failed.
public struct SocketError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The call, as in the manual.
    public let operation: String
    /// `errno`.
    public let code: Int32

    public init(operation: String, code: Int32) {
        self.operation = operation
        self.code = code
    }

    public var description: String {
        "\(self.operation): \(String(cString: strerror(self.code))) (errno \(self.code))"
    }
}
