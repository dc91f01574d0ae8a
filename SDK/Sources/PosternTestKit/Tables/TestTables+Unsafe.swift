internal import CPosternABI
internal import Synchronization

let ok = postern_status(POSTERN_OK)
let notFound = postern_status(POSTERN_NOT_FOUND)
let badArgument = postern_status(POSTERN_BAD_ARGUMENT)
let wrongPhase = postern_status(POSTERN_WRONG_PHASE)
let tooLarge = postern_status(POSTERN_TOO_LARGE)

/// The tables of the ABI as this host has them; made once, never freed.
struct TestTables: @unchecked Sendable {
    // SAFETY: written in init alone; plugins only read them.
    private let tables: [UInt32: UnsafeRawPointer]
    private let host: UnsafePointer<postern_host>

    private static let shared = TestTables()
    private static let entries = Mutex(())

    struct Entered: @unchecked Sendable {
        // SAFETY: a plugin's table lives as long as the process.
        let pointer: UnsafePointer<postern_plugin>
    }

    /// Calls a plugin's entry with this host; one thread at a time, as the ABI promises.
    static func entered(
        _ entry: (UnsafePointer<postern_host>) -> UnsafePointer<postern_plugin>?
    ) -> Entered? {
        Self.entries.withLock { _ in entry(Self.shared.host).map(Entered.init(pointer:)) }
    }

    private init() {
        self.tables = [
            POSTERN_INTERFACE_CONFIG: Self.make(configTable()),
            POSTERN_INTERFACE_LOG: Self.make(logTable()),
            POSTERN_INTERFACE_HTTP_HEADERS: Self.make(headersTable()),
            POSTERN_INTERFACE_HTTP_STREAM: Self.make(streamTable()),
            POSTERN_INTERFACE_STREAM: Self.make(anyStreamTable()),
            POSTERN_INTERFACE_ATTRIBUTES: Self.make(attributesTable()),
            POSTERN_INTERFACE_METRICS: Self.make(metricsTable()),
            POSTERN_INTERFACE_TOKEN_BUCKETS: Self.make(bucketsTable()),
            POSTERN_INTERFACE_CALLOUTS: Self.make(calloutsTable()),
            POSTERN_INTERFACE_WAITING: Self.make(waitingTable()),
            POSTERN_INTERFACE_STORE: Self.make(storeTable()),
            POSTERN_INTERFACE_METADATA: Self.make(metadataTable()),
            POSTERN_INTERFACE_NETWORK: Self.make(networkTable()),
            POSTERN_INTERFACE_ADAPTER: Self.make(adapterTable()),
        ]
        let host = UnsafeMutablePointer<postern_host>.allocate(capacity: 1)
        host.initialize(
            to: postern_host(
                size: MemoryLayout<postern_host>.size,
                version: UInt32(POSTERN_ABI_MAJOR) << 16 | UInt32(POSTERN_ABI_MINOR),
                reserved: 0,
                interface: { id, minor in
                    minor <= UInt32(POSTERN_ABI_MINOR) ? TestTables.shared.tables[id] : nil
                }))
        self.host = UnsafePointer(host)
    }

    private static func make<Table>(_ table: Table) -> UnsafeRawPointer {
        let memory = UnsafeMutablePointer<Table>.allocate(capacity: 1)
        memory.initialize(to: table)
        return UnsafeRawPointer(memory)
    }
}
