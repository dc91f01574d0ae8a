public import CPosternABI

/// A configured network filter behind a C pointer, as ``AnyFilterBox`` is for HTTP filters.
@usableFromInline
class AnyNetworkBox: AnyStreamBox {
    @usableFromInline
    override init(_ services: UnsafePointer<Services>, _ config: OpaquePointer) {
        super.init(services, config)
    }

    @usableFromInline
    func newConnection(_ stream: OpaquePointer, _ state: UnsafeMutableRawPointer) -> postern_network_action {
        0
    }
    @usableFromInline
    func data(
        _ stream: OpaquePointer, _ state: UnsafeMutableRawPointer, _ direction: StreamDirection, _ end: Bool
    ) -> postern_network_action { 0 }
}

@usableFromInline
final class NetworkBox<Filter: NetworkFilter>: AnyNetworkBox {
    // SAFETY: the host passes the same `state` for one connection, initialised in `open` and deinitialised in
    // `close`; a filter with `Void` state has no bytes to touch.
    @usableFromInline let filter: Filter

    @inlinable
    init(_ services: UnsafePointer<Services>, _ config: OpaquePointer, _ filter: Filter) {
        self.filter = filter
        super.init(services, config)
    }

    @inlinable
    override func open(_ state: UnsafeMutableRawPointer) {
        state.initializeMemory(as: Filter.ConnectionState.self, to: self.filter.makeConnectionState())
    }

    @inlinable
    override func close(_ state: UnsafeMutableRawPointer) {
        state.assumingMemoryBound(to: Filter.ConnectionState.self).deinitialize(count: 1)
    }

    @inlinable
    override func newConnection(
        _ stream: OpaquePointer, _ state: UnsafeMutableRawPointer
    ) -> postern_network_action {
        var connection = NewConnection(StreamCall(self.services, stream))
        let state = state.assumingMemoryBound(to: Filter.ConnectionState.self)
        do { return try self.filter.newConnection(&connection, &state.pointee).code } catch {
            return self.failed(error, "newConnection")
        }
    }

    @inlinable
    override func data(
        _ stream: OpaquePointer, _ state: UnsafeMutableRawPointer, _ direction: StreamDirection, _ end: Bool
    ) -> postern_network_action {
        var data = ConnectionData(StreamCall(self.services, stream), direction)
        let state = state.assumingMemoryBound(to: Filter.ConnectionState.self)
        do { return try self.filter.data(&data, &state.pointee, endOfStream: end).code } catch {
            return self.failed(error, "data")
        }
    }

    @inlinable
    override func complete(_ stream: OpaquePointer, _ state: UnsafeMutableRawPointer) {
        var connection = EndedConnection(StreamCall(self.services, stream))
        let state = state.assumingMemoryBound(to: Filter.ConnectionState.self)
        self.filter.complete(&connection, &state.pointee)
    }
}

@usableFromInline
final class NetworkFactory<Filter: NetworkFilter>: AnyFilterFactory {
    @inlinable
    override init(_ services: UnsafePointer<Services>) { super.init(services) }

    @inlinable
    override func make(_ json: [UInt8], _ config: OpaquePointer) -> AnyStreamBox? {
        self.reporting(config) {
            try checkAlignment(of: Filter.ConnectionState.self, "ConnectionState")
            let value = try decodeConfig(Filter.Config.self, from: json)
            let host = FilterHost(services: self.services, config: config)
            return NetworkBox(self.services, config, try Filter(config: value, host: host))
        }
    }
}
