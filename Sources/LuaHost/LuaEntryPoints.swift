/// The functions of a script that Postern calls.
public struct LuaEntryPoints: OptionSet, Sendable, Hashable {
    public let rawValue: UInt8
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// `on_request`, or `envoy_on_request`.
    public static let request = Self(rawValue: 1)
    /// `on_response`, or `envoy_on_response`.
    public static let response = Self(rawValue: 2)
    /// `on_complete`.
    public static let complete = Self(rawValue: 4)
}
