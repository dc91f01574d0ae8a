internal import CPosternABI

/// Makes configured filters of one type, without saying which.
@usableFromInline
class AnyFilterFactory {
    @usableFromInline let services: UnsafePointer<Services>

    @usableFromInline
    init(_ services: UnsafePointer<Services>) { self.services = services }

    /// Nil when the configuration is refused; the problems have been reported to `config`.
    @usableFromInline func make(_ json: [UInt8], _ config: OpaquePointer) -> AnyStreamBox? { nil }

    /// What `body` makes; nil when it throws, which is told to the host.
    @usableFromInline
    final func reporting(_ config: OpaquePointer, _ body: () throws -> AnyStreamBox) -> AnyStreamBox? {
        do { return try body() } catch {
            reportProblem(error, self.services.pointee.config, config)
            return nil
        }
    }
}

/// - Throws: ``ConfigProblem`` for a state that a host cannot place.
@usableFromInline
func checkAlignment<State>(of state: State.Type, _ name: StaticString) throws {
    guard MemoryLayout<State>.alignment <= 16 else {
        throw ConfigProblem("", "\(name) needs more than the 16-byte alignment that a host gives")
    }
}

/// Tells the host why a configuration is refused.
func reportProblem(
    _ error: any Error, _ table: UnsafePointer<postern_config_interface>, _ config: OpaquePointer
) {
    let problem: ConfigProblem
    switch error {
    case let found as ConfigProblem: problem = found
    case let found as DecodingError: problem = ConfigProblem(found)
    default: problem = ConfigProblem("", "\(error)")
    }
    if problem == .reportedByHost { return }
    withBytes(problem.pointer) { pointer in
        withBytes(problem.message) { table.pointee.problem(config, pointer, $0) }
    }
}

@usableFromInline
final class FilterFactory<Filter: HTTPFilter>: AnyFilterFactory {
    @inlinable
    override init(_ services: UnsafePointer<Services>) { super.init(services) }

    @inlinable
    override func make(_ json: [UInt8], _ config: OpaquePointer) -> AnyStreamBox? {
        self.reporting(config) {
            try checkAlignment(of: Filter.StreamState.self, "StreamState")
            let value = try decodeConfig(Filter.Config.self, from: json)
            let host = FilterHost(services: self.services, config: config)
            return FilterBox(self.services, config, try Filter(config: value, host: host))
        }
    }
}
