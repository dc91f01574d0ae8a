/// The trailers of a request or response, for the length of one hook.
///
/// Which of the two decides the hook; both are read and changed alike.
public struct Trailers: FieldSection, RespondingStream, ~Copyable {
    /// For the SDK.
    public let _call: StreamCall
    /// For the SDK.
    public let _section: UInt32

    @inlinable
    init(_ call: StreamCall, section: UInt32) {
        self._call = call
        self._section = section
    }
}
