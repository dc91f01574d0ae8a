internal import CPosternABI

/// The host's side of the ABI: every table that `interface` gives out, made once.
struct HostTables: @unchecked Sendable {
    // SAFETY: the tables are written here, never again, and never freed.
    static let shared = HostTables()

    let host: UnsafePointer<postern_host>
    private let tables: [UInt32: UnsafeRawPointer]

    private init() {
        self.tables = [
            POSTERN_INTERFACE_CONFIG: Self.make(configInterface()),
            POSTERN_INTERFACE_LOG: Self.make(logInterface()),
            POSTERN_INTERFACE_HTTP_HEADERS: Self.make(headersInterface()),
            POSTERN_INTERFACE_HTTP_STREAM: Self.make(streamInterface()),
            POSTERN_INTERFACE_STREAM: Self.make(anyStreamInterface()),
            POSTERN_INTERFACE_ATTRIBUTES: Self.make(attributesInterface()),
            POSTERN_INTERFACE_METRICS: Self.make(metricsInterface()),
            POSTERN_INTERFACE_TOKEN_BUCKETS: Self.make(tokenBucketsInterface()),
            POSTERN_INTERFACE_CALLOUTS: Self.make(calloutsInterface()),
            POSTERN_INTERFACE_WAITING: Self.make(waitingInterface()),
            POSTERN_INTERFACE_STORE: Self.make(storeInterface()),
            POSTERN_INTERFACE_METADATA: Self.make(metadataInterface()),
            POSTERN_INTERFACE_NETWORK: Self.make(networkInterface()),
            POSTERN_INTERFACE_ADAPTER: Self.make(adapterInterface()),
        ]
        let host = postern_host(
            size: MemoryLayout<postern_host>.size,
            version: UInt32(POSTERN_ABI_MAJOR) << 16 | UInt32(POSTERN_ABI_MINOR),
            reserved: 0,
            interface: { id, minor in HostTables.shared.table(id, minor) }
        )
        self.host = Self.make(host).assumingMemoryBound(to: postern_host.self)
    }

    /// All services are as this minor version of the ABI has them.
    private func table(_ id: UInt32, _ minor: UInt32) -> UnsafeRawPointer? {
        minor <= UInt32(POSTERN_ABI_MINOR) ? self.tables[id] : nil
    }

    private static func make<Table>(_ table: Table) -> UnsafeRawPointer {
        let memory = UnsafeMutablePointer<Table>.allocate(capacity: 1)
        memory.initialize(to: table)
        return UnsafeRawPointer(memory)
    }
}
