public import Adapting
public import CPosternABI
public import Filtering
public import Primitives

/// The least that lies between two outputs.
private let columnBytes = MemoryLayout<postern_column>.size

/// A handler whose adapter is a plugin.
public final class NativeAdapter: AdapterHandler, @unchecked Sendable {
    // SAFETY: all is immutable after init; `config` is used by the plugin's hooks alone, which are made for
    // the threads that AdapterHandler promises (postern_adapter.h).
    private let image: PluginImage
    private let context: ConfigContext
    private let table: postern_adapter
    private let config: UnsafeMutableRawPointer?

    /// Stands for file content, name and configuration: a handler with the same key is the same handler.
    public let key: String

    static func key(image: PluginImage, name: String, json: [UInt8]) -> String {
        "\(image.description.digest) \(ContentDigest(of: json)) \(name)"
    }

    /// What the plugin file says of itself.
    public var description: PluginDescription { self.image.description }

    /// Configures the plugin; runs its `config_create` in this process.
    ///
    /// - Parameters:
    ///   - name: The handler's.
    ///   - json: A configuration that the plugin's schema accepts, with secrets resolved.
    /// - Throws: ``PluginError`` with `badConfiguration` and all problems, or `refused` for a plugin that is
    ///   no adapter.
    public init(image: PluginImage, name: String, json: [UInt8], host: FilterHost) throws(PluginError) {
        guard case .adapter(_, let hooks) = image.filter else {
            throw PluginError(
                code: .refused, message: "plugin `\(image.description.name)` is no adapter")
        }
        let context = ConfigContext(filter: name, place: "handler \(name)", host: host, isHandler: true)
        self.config = try context.configure(image, json)
        self.image = image
        self.context = context
        self.table = hooks
        self.key = Self.key(image: image, name: name, json: json)
        super.init(
            name: name, templates: TemplateSet(bits: hooks.templates),
            isBlocking: hooks.flags & POSTERN_ADAPTER_BLOCKING != 0,
            outputs: Self.outputs(hooks))
        context.handler = self
    }

    deinit { self.image.filter.destroyConfig(self.config) }

    private static func outputs(_ hooks: postern_adapter) -> [RecordColumn] {
        guard let outputs = hooks.outputs, hooks.output_bytes >= columnBytes else { return [] }
        return (0..<min(hooks.output_count, 256)).map {
            // SAFETY: postern_adapter.h: outputs are static and lie as far apart as the table says.
            let output = (UnsafeRawPointer(outputs) + $0 * hooks.output_bytes)
                .assumingMemoryBound(to: postern_column.self).pointee
            return RecordColumn(
                output.name.view?.string ?? "", RecordValueType(rawValue: output.type) ?? .any)
        }
    }

    public override func report(
        _ batch: UnsafePointer<postern_batch>, _ outcomes: UnsafeMutablePointer<postern_outcome>
    ) -> ReportAnswer {
        guard let hook = self.table.report else { return .failed("it takes no reports") }
        var answer = postern_report_answer()
        answer.size = MemoryLayout<postern_report_answer>.size
        let isTaken = hook(self.config, batch, outcomes, &answer) == postern_status(POSTERN_OK)
        return ReportAnswer(
            problem: isTaken ? nil : Self.text(answer.problem_plug), retryAfter: answer.retry_after_ns)
    }

    public override func tick() { self.table.tick?(self.config) }
    public override func reopen() { self.table.reopen?(self.config) }

    public override func check(
        _ record: UnsafePointer<postern_record>, by deadline: MonotonicTime?
    ) -> HandlerAnswer<CheckVerdict> {
        guard let hook = self.table.check else { return .failed("it judges nothing") }
        var request = postern_check_request(
            size: MemoryLayout<postern_check_request>.size, record: record,
            deadline_ns: deadline?.nanoseconds ?? 0)
        var out = postern_verdict()
        out.size = MemoryLayout<postern_verdict>.size
        guard hook(self.config, &request, &out) == postern_status(POSTERN_OK) else {
            return .failed(Self.text(out.problem_plug))
        }
        let message = out.message_plug.len == 0 ? "" : Self.text(out.message_plug)
        return .answered(
            CheckVerdict(
                code: out.code, message: message, validNanoseconds: out.valid_ns, validUses: out.valid_uses))
    }

    public override func quota(
        _ record: UnsafePointer<postern_record>, _ demand: QuotaDemand, by deadline: MonotonicTime?
    ) -> HandlerAnswer<QuotaAllowance> {
        guard let hook = self.table.quota else { return .failed("it has no quotas") }
        var request = postern_quota_request(
            size: MemoryLayout<postern_quota_request>.size, record: record,
            deadline_ns: deadline?.nanoseconds ?? 0, amount: demand.amount,
            deduplication_id: demand.deduplicationID,
            flags: demand.isBestEffort ? POSTERN_QUOTA_BEST_EFFORT : 0, reserved: 0)
        var out = postern_quota_grant()
        out.size = MemoryLayout<postern_quota_grant>.size
        guard hook(self.config, &request, &out) == postern_status(POSTERN_OK) else {
            return .failed(Self.text(out.problem_plug))
        }
        return .answered(
            QuotaAllowance(amount: min(out.amount, demand.amount), validNanoseconds: out.valid_ns))
    }

    public override func generate(
        _ record: UnsafePointer<postern_record>, _ outputs: UnsafeMutablePointer<postern_value>,
        by deadline: MonotonicTime?
    ) -> String? {
        guard let hook = self.table.generate else { return "it makes no attributes" }
        var request = postern_generate_request(
            size: MemoryLayout<postern_generate_request>.size, record: record,
            deadline_ns: deadline?.nanoseconds ?? 0)
        var out = postern_generated()
        out.size = MemoryLayout<postern_generated>.size
        out.values_host = outputs
        let isMade = hook(self.config, &request, &out) == postern_status(POSTERN_OK)
        return isMade ? nil : Self.text(out.problem_plug)
    }

    /// What a plugin said; long texts are cut.
    private static func text(_ bytes: postern_bytes) -> String {
        guard let view = bytes.view, view.count > 0 else { return "the adapter failed without a reason" }
        return view[0..<min(view.count, 1024)].string
    }
}

func adapterInterface() -> postern_adapter_interface {
    var table = postern_adapter_interface()
    table.size = MemoryLayout<postern_adapter_interface>.size
    table.collect = { config, each, user in
        guard let each else { return }
        ConfigContext.from(config)?.handler?.series?.collect { each(user, $0) }
    }
    return table
}
