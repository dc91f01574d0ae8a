internal import CPosternABI

/// A configured filter of streams, of whatever kind, behind a C pointer.
@usableFromInline
class AnyStreamBox {
    @usableFromInline let services: UnsafePointer<Services>
    @usableFromInline let log: Log

    @usableFromInline
    init(_ services: UnsafePointer<Services>, _ config: OpaquePointer) {
        self.services = services
        self.log = Log(table: services.pointee.log, config: config)
    }

    @usableFromInline func open(_ state: UnsafeMutableRawPointer) {}
    @usableFromInline func close(_ state: UnsafeMutableRawPointer) {}
    @usableFromInline func complete(_ stream: OpaquePointer, _ state: UnsafeMutableRawPointer) {}

    /// - Returns: The action that says so, the same for all kinds.
    @usableFromInline
    @inline(never)
    final func failed(_ error: any Error, _ hook: StaticString) -> UInt32 {
        self.log(.error, "\(hook) failed: \(error)")
        return 4
    }
}

// The hooks of every kind's table that are alike.

/// Whether the flags of a hook say that nothing more follows.
@inline(__always)
func isEnd(_ flags: UInt32) -> Bool { flags & POSTERN_END_OF_STREAM != 0 }

// SAFETY: postern_http_filter.h and postern_network_filter.h: the host passes back the `config_plug` that
// `config_create` made, until config_destroy, and `state_host` with the bytes asked for from open to close.
@inline(__always)
func withBox<Box: AnyStreamBox, Result>(
    _ config: UnsafeMutableRawPointer?, _ body: (Box) -> Result
) -> Result? {
    guard let config else { return nil }
    return Unmanaged<Box>.fromOpaque(config)._withUnsafeGuaranteedRef(body)
}

/// What `config_create` does, with the factory that stands behind the table.
func createBox(
    _ factory: Unmanaged<AnyFilterFactory>, _ config: OpaquePointer, _ json: postern_bytes,
    _ out: UnsafeMutablePointer<UnsafeMutableRawPointer?>
) -> postern_status {
    let bytes = Array(UnsafeBufferPointer(start: json.ptr, count: json.len))
    guard let box = factory.takeUnretainedValue().make(bytes, config) else {
        return postern_status(POSTERN_FAILURE)
    }
    out.pointee = Unmanaged.passRetained(box).toOpaque()
    return postern_status(POSTERN_OK)
}

func destroyBox(_ config: UnsafeMutableRawPointer?) {
    if let config { Unmanaged<AnyStreamBox>.fromOpaque(config).release() }
}

func openState(_ config: UnsafeMutableRawPointer?, _ state: UnsafeMutableRawPointer?) {
    guard let state else { return }
    withBox(config) { (box: AnyStreamBox) in box.open(state) }
}

func closeState(_ config: UnsafeMutableRawPointer?, _ state: UnsafeMutableRawPointer?) {
    guard let state else { return }
    withBox(config) { (box: AnyStreamBox) in box.close(state) }
}

func complete(
    _ config: UnsafeMutableRawPointer?, _ stream: OpaquePointer?, _ state: UnsafeMutableRawPointer?
) {
    guard let stream, let state else { return }
    withBox(config) { (box: AnyStreamBox) in box.complete(stream, state) }
}
