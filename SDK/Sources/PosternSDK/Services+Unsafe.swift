public import CPosternABI

/// The host's tables, looked up once when the plugin is loaded.
@usableFromInline
struct Services {
    // SAFETY: postern_abi.h: tables of the host live as long as the process, with all fields that they had in
    // the minor version that was asked for. Later fields are looked at only when their size covers them.
    @usableFromInline let config: UnsafePointer<postern_config_interface>
    @usableFromInline let log: UnsafePointer<postern_log_interface>
    @usableFromInline let headers: UnsafePointer<postern_http_headers_interface>
    @usableFromInline let stream: UnsafePointer<postern_http_stream_interface>
    let anyStream: UnsafePointer<postern_stream_interface>
    @usableFromInline let attributes: UnsafePointer<postern_attributes_interface>
    @usableFromInline let metrics: UnsafePointer<postern_metrics_interface>
    @usableFromInline let buckets: UnsafePointer<postern_token_buckets_interface>
    let callouts: UnsafePointer<postern_callouts_interface>
    let waiting: UnsafePointer<postern_waiting_interface>
    let store: UnsafePointer<postern_store_interface>
    let metadata: UnsafePointer<postern_metadata_interface>
    /// Nil in a host without network filters, where no such filter is called.
    @usableFromInline let network: UnsafePointer<postern_network_interface>?

    /// Nil when the host lacks a table that this SDK needs.
    init?(_ host: UnsafePointer<postern_host>) {
        func table<Table>(_ id: UInt32, _ type: Table.Type) -> UnsafePointer<Table>? {
            hostTable(host, id, type)
        }
        guard
            let config = table(POSTERN_INTERFACE_CONFIG, postern_config_interface.self),
            let log = table(POSTERN_INTERFACE_LOG, postern_log_interface.self),
            let headers = table(POSTERN_INTERFACE_HTTP_HEADERS, postern_http_headers_interface.self),
            let stream = table(POSTERN_INTERFACE_HTTP_STREAM, postern_http_stream_interface.self),
            let anyStream = table(POSTERN_INTERFACE_STREAM, postern_stream_interface.self),
            let attributes = table(POSTERN_INTERFACE_ATTRIBUTES, postern_attributes_interface.self),
            let metrics = table(POSTERN_INTERFACE_METRICS, postern_metrics_interface.self),
            let buckets = table(POSTERN_INTERFACE_TOKEN_BUCKETS, postern_token_buckets_interface.self),
            let callouts = table(POSTERN_INTERFACE_CALLOUTS, postern_callouts_interface.self),
            let waiting = table(POSTERN_INTERFACE_WAITING, postern_waiting_interface.self),
            let store = table(POSTERN_INTERFACE_STORE, postern_store_interface.self),
            let metadata = table(POSTERN_INTERFACE_METADATA, postern_metadata_interface.self)
        else { return nil }
        self.config = config
        self.log = log
        self.headers = headers
        self.stream = stream
        self.anyStream = anyStream
        self.attributes = attributes
        self.metrics = metrics
        self.buckets = buckets
        self.callouts = callouts
        self.waiting = waiting
        self.store = store
        self.metadata = metadata
        self.network = table(POSTERN_INTERFACE_NETWORK, postern_network_interface.self)
    }
}

/// A table of the host as it was in a minor version of the ABI, or later; nil when the host is older.
///
/// - Parameter minor: The least that the SDK cannot do without: a host of that version is enough.
func hostTable<Table>(
    _ host: UnsafePointer<postern_host>, _ id: UInt32, _ type: Table.Type, minor: UInt32 = 0
) -> UnsafePointer<Table>? {
    host.pointee.interface(id, minor)?.assumingMemoryBound(to: Table.self)
}

/// One stream during one call of the host; what the public types of a hook are made of.
public struct StreamCall {
    // SAFETY: `services` is never freed (PluginEntry makes it once); `stream` is the host's for the length of
    // the call, and the types that hold a StreamCall are neither copyable nor constructible outside this
    // module.
    @usableFromInline let services: UnsafePointer<Services>
    @usableFromInline let stream: OpaquePointer

    @inlinable
    init(_ services: UnsafePointer<Services>, _ stream: OpaquePointer) {
        self.services = services
        self.stream = stream
    }
}

extension postern_bytes {
    /// The bytes as a span that lives as long as `owner` says.
    @inlinable var span: Span<UInt8> {
        @_lifetime(immortal) get {
            // SAFETY: the host's promise about the pointer is the caller's to keep: every use narrows the
            // lifetime at once with `_overrideLifetime`.
            return _overrideLifetime(
                Span(_unsafeStart: self.ptr ?? postern_bytes.nowhere, count: self.len), copying: ())
        }
    }

    /// An address for empty spans; never read.
    @usableFromInline static var nowhere: UnsafePointer<UInt8> {
        UnsafePointer(bitPattern: 1).unsafelyUnwrapped
    }

    /// A copy as text; malformed UTF-8 becomes U+FFFD.
    @usableFromInline var text: String {
        String(decoding: UnsafeBufferPointer(start: self.ptr, count: self.len), as: UTF8.self)
    }
}

/// Lends a text to a call of the host.
@inlinable
func withBytes<Result>(_ text: String, _ body: (postern_bytes) -> Result) -> Result {
    var copy = text
    // SAFETY: the host copies what it keeps; the pointer does not outlive the call.
    return copy.withUTF8 { body(postern_bytes(ptr: $0.baseAddress, len: $0.count)) }
}

/// Lends bytes to a call of the host.
@inlinable
func withBytes<Result>(_ bytes: Span<UInt8>, _ body: (postern_bytes) -> Result) -> Result {
    // SAFETY: as above.
    bytes.withUnsafeBufferPointer { body(postern_bytes(ptr: $0.baseAddress, len: $0.count)) }
}
