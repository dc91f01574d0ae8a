/// A finished exchange: attributes can be read, nothing can be changed.
public struct Exchange: HTTPStream, ~Copyable {
    /// For the SDK.
    public let _call: StreamCall

    @inlinable
    init(_ call: StreamCall) { self._call = call }
}
