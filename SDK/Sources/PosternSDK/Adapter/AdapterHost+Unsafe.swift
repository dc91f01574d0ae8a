public import CPosternABI

/// The host's tables that adapters use: fewer than filters need, so that a handler runs outside a proxy too.
@usableFromInline
struct AdapterServices {
    // SAFETY: as Services.
    let config: UnsafePointer<postern_config_interface>
    let log: UnsafePointer<postern_log_interface>
    let metrics: UnsafePointer<postern_metrics_interface>
    let adapter: UnsafePointer<postern_adapter_interface>

    /// Nil when the host lacks one.
    @usableFromInline
    init?(_ host: UnsafePointer<postern_host>) {
        guard host.pointee.version >> 16 == UInt32(POSTERN_ABI_MAJOR),
            let config = hostTable(host, POSTERN_INTERFACE_CONFIG, postern_config_interface.self),
            let log = hostTable(host, POSTERN_INTERFACE_LOG, postern_log_interface.self),
            let metrics = hostTable(host, POSTERN_INTERFACE_METRICS, postern_metrics_interface.self),
            let adapter = hostTable(host, POSTERN_INTERFACE_ADAPTER, postern_adapter_interface.self)
        else { return nil }
        self.config = config
        self.log = log
        self.metrics = metrics
        self.adapter = adapter
    }
}

/// What the host offers while a handler is configured.
public struct AdapterHost: ~Copyable {
    let services: AdapterServices
    let config: OpaquePointer

    /// The host's log, with the handler's name; may be kept.
    public var log: Log { Log(table: self.services.log, config: self.config) }

    /// What can be asked later; may be kept.
    public var handler: HandlerHost { HandlerHost(services: self.services, config: self.config) }

    /// Defines a counter, exported as `postern_adapter_<name>` with the label `handler`.
    ///
    /// - Parameter name: `[a-z][a-z0-9_]*`, ending in `_total`.
    /// - Throws: ``ConfigProblem`` when the name is malformed or taken by another kind of metric.
    public func counter(_ name: String, help: String) throws(ConfigProblem) -> HandlerCounter {
        var id: postern_metric = 0
        let status = withBytes(name) { name in
            withBytes(help) {
                self.services.metrics.pointee.define(
                    self.config, postern_metric_kind(POSTERN_METRIC_COUNTER), name, $0, nil, 0, &id)
            }
        }
        guard status == 0 else {
            throw ConfigProblem("", "metric '\(name)' must match [a-z][a-z0-9_]* and be of one kind")
        }
        return HandlerCounter(host: self.handler, id: id)
    }
}

/// What a handler can ask of the host at any time, from any thread, while it lives.
public struct HandlerHost: @unchecked Sendable {
    // SAFETY: tables are never freed; the host keeps `config` until config_destroy returns, and the adapter
    // that holds this value is released before that.
    let services: AdapterServices
    let config: OpaquePointer

    /// Every series of the handler's metric instances, as it is now.
    public func collect(_ each: (Record) -> Void) {
        withoutActuallyEscaping(each) { each in
            // SAFETY: the host calls back before it returns, with what it was given.
            withUnsafePointer(to: Each(body: each)) {
                self.services.adapter.pointee.collect(
                    self.config,
                    { user, record in
                        guard let user, let record else { return }
                        user.assumingMemoryBound(to: Each.self).pointee.body(Record(record))
                    }, UnsafeMutableRawPointer(mutating: $0))
            }
        }
    }

    private struct Each { let body: (Record) -> Void }
}

/// A number of a handler that only grows.
public struct HandlerCounter: Sendable {
    let host: HandlerHost
    let id: postern_metric

    /// Counts `amount` more; from any thread.
    public func add(_ amount: Int = 1) {
        self.host.services.metrics.pointee.config_add(self.host.config, self.id, UInt64(max(amount, 0)))
    }
}

/// What `generate` fills in.
public struct Outputs: ~Copyable {
    /// The value behind a column; kept until the thread's next call.
    enum Made {
        case absent
        case bytes([UInt8])
        case integer(Int64, UInt32)
        case double(Double)
    }
    var values: [Made]

    init(count: Int) { self.values = Array(repeating: .absent, count: count) }

    /// Sets a text.
    public mutating func set(_ index: Int, _ text: String) { self.values[index] = .bytes(Array(text.utf8)) }
    /// Sets a whole number.
    public mutating func set(_ index: Int, _ number: Int64) {
        self.values[index] = .integer(number, UInt32(POSTERN_VALUE_INT64))
    }
    /// Sets true or false.
    public mutating func set(_ index: Int, _ flag: Bool) {
        self.values[index] = .integer(flag ? 1 : 0, UInt32(POSTERN_VALUE_BOOL))
    }
    /// Sets a number.
    public mutating func set(_ index: Int, _ number: Double) { self.values[index] = .double(number) }
}
