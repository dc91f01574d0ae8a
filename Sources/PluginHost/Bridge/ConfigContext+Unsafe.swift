internal import CPosternABI
internal import Filtering
internal import Primitives

/// What a `postern_config_host` points at: one configured place of a chain.
///
/// Grows while `config_create` runs, on one thread, and is read only afterwards.
final class ConfigContext {
    /// An attribute ready to be read; trivial, so that reading one counts no references.
    enum CompiledAttribute {
        case known(KnownAttribute)
        case field(section: postern_section, name: postern_header)
        /// Index into ``metadata``.
        case metadata(Int)
    }

    /// The filter's name in metrics and logs.
    let filter: String
    /// Names what survives reloads.
    let place: String
    /// Whose metrics these are.
    let owner: MetricOwner
    let host: FilterHost
    private(set) var problems: [PluginProblem] = []
    private(set) var attributes: [CompiledAttribute] = []
    /// Attributes with texts in them.
    private(set) var metadata: [Attribute] = []
    /// Services that the filter calls, by number.
    private(set) var services: [ServiceUse] = []
    private(set) var stores: [FilterStore] = []
    private(set) var buckets: [TokenBucketSet] = []
    /// Whether `config_create` is running.
    var isConfiguring = false
    /// Whose context it is, when that is an adapter.
    weak var handler: NativeAdapter?

    init(filter: String, place: String, host: FilterHost, isHandler: Bool = false) {
        self.place = place
        self.owner = isHandler ? .handler(filter) : .filter(filter)
        self.filter = filter
        self.host = host
    }

    func report(_ pointer: String, _ message: String) {
        self.problems.append(PluginProblem(pointer: pointer, message: message))
    }

    /// - Returns: nil after reporting the problem.
    func compile(_ expression: String, at pointer: String) -> postern_attribute? {
        do {
            switch try Attribute(parsing: expression) {
            case .known(let known): self.attributes.append(.known(known))
            case .metadata:
                self.attributes.append(.metadata(self.metadata.count))
                self.metadata.append(try Attribute(parsing: expression))
            case .requestHeader(let name): try self.compileField(name, 0)
            case .responseHeader(let name): try self.compileField(name, 1)
            }
            return postern_attribute(self.attributes.count - 1)
        } catch {
            self.report(pointer, "\(error)")
            return nil
        }
    }

    private func compileField(_ name: String, _ section: postern_section) throws {
        guard let number = name.withByteView(HeaderNames.intern) else {
            throw PluginProblem(pointer: "", message: "too many different header names")
        }
        self.attributes.append(.field(section: section, name: number))
    }

    func add(_ set: TokenBucketSet) -> postern_token_buckets {
        self.buckets.append(set)
        return postern_token_buckets(self.buckets.count - 1)
    }

    func add(_ service: ServiceUse) -> postern_service {
        self.services.append(service)
        return postern_service(self.services.count - 1)
    }

    func add(_ store: FilterStore) -> postern_store {
        self.stores.append(store)
        return postern_store(self.stores.count - 1)
    }

    /// Runs the plugin's `config_create`.
    ///
    /// - Throws: ``PluginError`` with `badConfiguration` and all problems.
    func configure(_ image: PluginImage, _ json: [UInt8]) throws(PluginError) -> UnsafeMutableRawPointer? {
        var config: UnsafeMutableRawPointer?
        self.isConfiguring = true
        let pointer = OpaquePointer(Unmanaged.passUnretained(self).toOpaque())
        let status = json.withByteView { image.filter.createConfig(pointer, postern_bytes($0), &config) }
        self.isConfiguring = false
        guard status != postern_status(POSTERN_OK) else { return config }
        let problems =
            self.problems.isEmpty
            ? [PluginProblem(pointer: "", message: "the plugin refused it without a reason")] : self.problems
        throw PluginError(
            code: .badConfiguration,
            message: "\(image.description.name): " + problems.map(\.description).joined(separator: "; "),
            problems: problems)
    }

    /// The context while `config_create` runs; nil at other times.
    static func configuring(_ config: OpaquePointer?) -> ConfigContext? {
        guard let context = Self.from(config), context.isConfiguring else { return nil }
        return context
    }

    /// The context that a plugin's pointer leads to.
    @inline(__always)
    static func from(_ config: OpaquePointer?) -> ConfigContext? {
        // SAFETY: the blueprint keeps the context until config_destroy has returned.
        config.map { Unmanaged<ConfigContext>.fromOpaque(UnsafeRawPointer($0)).takeUnretainedValue() }
    }
}

/// A service that a filter calls, and where its configuration names it.
public struct ServiceUse: Sendable, Hashable {
    public let name: String
    /// A JSON pointer into the filter's configuration.
    public let pointer: String
}
