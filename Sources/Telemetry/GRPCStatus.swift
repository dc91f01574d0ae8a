public import Primitives

/// How a gRPC call ended: the number of `grpc-status`.
public struct GRPCStatus: RawRepresentable, Sendable, Hashable {
    public let rawValue: UInt8
    @inlinable public init(rawValue: UInt8) { self.rawValue = rawValue }

    public static let ok = Self(rawValue: 0)
    public static let cancelled = Self(rawValue: 1)
    public static let unknown = Self(rawValue: 2)
    public static let deadlineExceeded = Self(rawValue: 4)
    public static let permissionDenied = Self(rawValue: 7)
    public static let resourceExhausted = Self(rawValue: 8)
    public static let unimplemented = Self(rawValue: 12)
    public static let `internal` = Self(rawValue: 13)
    public static let unavailable = Self(rawValue: 14)
    public static let unauthenticated = Self(rawValue: 16)

    /// The value of `grpc-status`; a number that gRPC does not know, or no number, is ``unknown``.
    public init(parsing value: ByteView) {
        let number = value.decimal() ?? 2
        self.rawValue = number < UInt64(Self.names.count) ? UInt8(truncatingIfNeeded: number) : 2
    }

    /// As Envoy's `%GRPC_STATUS%` writes it.
    public var name: StaticString {
        self.rawValue < UInt8(Self.names.count) ? Self.names[Int(self.rawValue)] : "Unknown"
    }

    static let names: [StaticString] = [
        "OK", "Canceled", "Unknown", "InvalidArgument", "DeadlineExceeded", "NotFound", "AlreadyExists",
        "PermissionDenied", "ResourceExhausted", "FailedPrecondition", "Aborted", "OutOfRange",
        "Unimplemented", "Internal", "Unavailable", "DataLoss", "Unauthenticated",
    ]
}
