internal import CPosternABI

/// What the host offers while a configuration is made.
public struct FilterHost: ~Copyable {
    let services: UnsafePointer<Services>
    let config: OpaquePointer

    @usableFromInline
    init(services: UnsafePointer<Services>, config: OpaquePointer) {
        self.services = services
        self.config = config
    }

    /// A number for a field name, to look it up quickly in hooks.
    ///
    /// - Throws: ``ConfigProblem`` when it is no field name, or the host has given out its 4,096 numbers.
    public func headerName(_ name: String, at pointer: String = "") throws(ConfigProblem) -> HeaderName {
        var id: postern_header = 0
        let status = withBytes(name) { self.services.pointee.headers.pointee.intern($0, &id) }
        switch status {
        case 0: return HeaderName(id)
        case 4: throw ConfigProblem(pointer, "too many different header names")
        default: throw ConfigProblem(pointer, "'\(name)' is no header name")
        }
    }

    /// Compiles the path of an attribute: `request.path`, `request.headers['x-user']`, `source.address`.
    ///
    /// - Parameter pointer: JSON pointer to it in the configuration.
    /// - Throws: ``ConfigProblem`` with what is allowed.
    public func attribute(_ expression: String, at pointer: String = "") throws(ConfigProblem) -> Attribute {
        var id: postern_attribute = 0
        let status = withBytes(expression) { expression in
            withBytes(pointer) {
                self.services.pointee.attributes.pointee.compile(self.config, expression, $0, &id)
            }
        }
        guard status == 0 else { throw ConfigProblem.reportedByHost }
        return Attribute(id: id)
    }

    /// Defines a counter, exported as `postern_filter_<name>` with the label `filter`.
    ///
    /// - Parameter name: `[a-z][a-z0-9_]*`, ending in `_total`.
    /// - Throws: ``ConfigProblem`` when the name is malformed or taken by another kind of metric.
    public func counter(_ name: String, help: String) throws(ConfigProblem) -> Counter {
        Counter(id: try self.metric(name, help, kind: POSTERN_METRIC_COUNTER, bounds: []))
    }

    /// Defines a gauge; see ``counter(_:help:)``.
    public func gauge(_ name: String, help: String) throws(ConfigProblem) -> Gauge {
        Gauge(id: try self.metric(name, help, kind: POSTERN_METRIC_GAUGE, bounds: []))
    }

    /// Defines a histogram with ascending upper bounds; see ``counter(_:help:)``.
    public func histogram(_ name: String, help: String, bounds: [UInt64]) throws(ConfigProblem) -> Histogram {
        Histogram(id: try self.metric(name, help, kind: POSTERN_METRIC_HISTOGRAM, bounds: bounds))
    }

    /// Buckets of tokens by key, shared by all workers and kept by every reload that asks for the same.
    ///
    /// - Parameters:
    ///   - name: Distinguishes the buckets of one plugin that must not be shared.
    ///   - capacity: Tokens in a full bucket; 1 or more.
    ///   - interval: In which an empty bucket fills up.
    ///   - keys: The most keys remembered at once.
    /// - Throws: ``ConfigProblem`` when a number is out of range.
    public func tokenBuckets(
        _ name: String, capacity: UInt64, interval: Duration, keys: Int
    ) throws(ConfigProblem) -> TokenBuckets {
        let (seconds, attoseconds) = interval.components
        let (nanoseconds, over) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        var id: postern_token_buckets = 0
        let status = withBytes(name) {
            self.services.pointee.buckets.pointee.create(
                self.config, $0, capacity,
                over || seconds < 0 ? 0 : UInt64(nanoseconds + attoseconds / 1_000_000_000),
                max(keys, 0), &id
            )
        }
        guard status == 0 else {
            throw ConfigProblem("", "the host refused buckets of \(capacity) per \(interval)")
        }
        return TokenBuckets(id: id)
    }

    /// A service of the configuration that the filter will call.
    ///
    /// The configuration is refused, with the place that `pointer` names, while there is no such service.
    ///
    /// - Throws: ``ConfigProblem`` for an empty name.
    public func service(_ name: String, at pointer: String = "") throws(ConfigProblem) -> Service {
        var id: postern_service = 0
        let status = withBytes(name) { name in
            withBytes(pointer) {
                self.services.pointee.callouts.pointee.service(self.config, name, $0, &id)
            }
        }
        guard status == 0 else { throw ConfigProblem(pointer, "must name a service") }
        return Service(id: id)
    }

    /// A table of keys and values, shared by all workers and kept by every reload.
    ///
    /// - Parameter name: The same name is the same table for every filter; empty: the filter's own.
    public func store(_ name: String = "") -> Store {
        var id: postern_store = 0
        _ = withBytes(name) { self.services.pointee.store.pointee.open(self.config, $0, &id) }
        return Store(id: id)
    }

    /// The proxy's log; may be kept.
    public var log: Log { Log(table: self.services.pointee.log, config: self.config) }

    private func metric(
        _ name: String, _ help: String, kind: Int, bounds: [UInt64]
    ) throws(ConfigProblem) -> postern_metric {
        var id: postern_metric = 0
        let status = withBytes(name) { name in
            withBytes(help) { help in
                bounds.map { Double($0) }.withUnsafeBufferPointer {
                    self.services.pointee.metrics.pointee.define(
                        self.config, postern_metric_kind(kind), name, help, $0.baseAddress, $0.count, &id
                    )
                }
            }
        }
        guard status == 0 else {
            throw ConfigProblem("", "metric '\(name)' must match [a-z][a-z0-9_]* and be of one kind")
        }
        return id
    }
}

/// What is wrong with a configuration.
public struct ConfigProblem: Error, Sendable, Hashable, CustomStringConvertible {
    /// JSON pointer (RFC 6901) to the value; empty for the whole.
    public let pointer: String
    /// What was found and what is allowed; never a secret.
    public let message: String

    /// Says what is wrong at `pointer`.
    public init(_ pointer: String, _ message: String) {
        self.pointer = pointer
        self.message = message
    }

    /// The host has said it already, in better words.
    static let reportedByHost = ConfigProblem("", "")

    /// Pointer and message.
    public var description: String {
        self.pointer.isEmpty ? self.message : "\(self.pointer): \(self.message)"
    }
}
