import Adapting
import CPosternABI
import Expressions
import Filtering
import GatewayConfig
import Primitives
import Telemetry
import Testing

@testable import Mixer

/// Attributes that a test sets.
final class TestBag: MixerBag {
    var texts: [String: String] = [:]
    var numbers: [String: Int64] = [:]
    private var made: GeneratedAttributes?
    private let buffers = ByteBuffer(capacity: 4096)

    override var generated: GeneratedAttributes? {
        get { self.made }
        set { self.made = newValue }
    }

    override func value(of id: AttributeID) -> Value {
        if let made = self.made?.value(of: id) { return made }
        let name = StandardAttributes.manifest[id].name
        if let number = self.numbers[name] { return .int(number) }
        guard let text = self.texts[name] else { return .absent }
        let start = self.buffers.writeIndex
        self.buffers.append(text)
        return .string(self.buffers.view(at: start, text.utf8.count))
    }
}

/// A handler that says what a test wants, and remembers what it was asked.
final class AskedHandler: AdapterHandler, @unchecked Sendable {
    struct State {
        var asked: [[String]] = []
        /// Until when each question's answer is waited for.
        var deadlines: [MonotonicTime?] = []
        var verdict: HandlerAnswer<CheckVerdict> = .answered(CheckVerdict())
        var grant: @Sendable (QuotaDemand) -> HandlerAnswer<QuotaAllowance> = {
            .answered(QuotaAllowance(amount: $0.amount))
        }
        /// The number that it makes; nil: a text.
        var made: Int64?
    }
    let state = Lock(State())

    init(
        _ name: String, _ templates: [Adapting.Template], isBlocking: Bool = false,
        outputs: [RecordColumn] = [RecordColumn("team", .string)]
    ) {
        super.init(
            name: name, templates: TemplateSet(templates), isBlocking: isBlocking, outputs: outputs)
    }

    var asked: [[String]] { self.state.withLock { $0.asked } }

    private func note(_ record: UnsafePointer<postern_record>, _ deadline: MonotonicTime?) {
        let count = record.pointee.shape.pointee.column_count
        let texts = (0..<count).map { index -> String in
            let value = record.pointee.values[index]
            switch RecordValueType(rawValue: value.type) {
            case .string:
                return String(
                    decoding: UnsafeBufferPointer(start: value.bytes.ptr, count: value.bytes.len),
                    as: UTF8.self)
            case .int64: return "\(value.integer)"
            default: return "-"
            }
        }
        self.state.withLock {
            $0.asked.append(texts)
            $0.deadlines.append(deadline)
        }
    }

    override func check(
        _ record: UnsafePointer<postern_record>, by deadline: MonotonicTime?
    ) -> HandlerAnswer<CheckVerdict> {
        self.note(record, deadline)
        return self.state.withLock { $0.verdict }
    }

    override func quota(
        _ record: UnsafePointer<postern_record>, _ demand: QuotaDemand, by deadline: MonotonicTime?
    ) -> HandlerAnswer<QuotaAllowance> {
        self.note(record, deadline)
        return self.state.withLock { $0.grant }(demand)
    }

    override func generate(
        _ record: UnsafePointer<postern_record>, _ outputs: UnsafeMutablePointer<postern_value>,
        by deadline: MonotonicTime?
    ) -> String? {
        self.note(record, deadline)
        if let number = self.state.withLock({ $0.made }) {
            outputs[0].type = RecordValueType.int64.rawValue
            outputs[0].integer = number
            return nil
        }
        let text: StaticString = "payments"
        outputs[0].type = RecordValueType.string.rawValue
        outputs[0].bytes = postern_bytes(ptr: text.utf8Start, len: text.utf8CodeUnitCount)
        return nil
    }
}

/// One worker's mixer for a configuration, with handlers of the test's.
struct RuleRig {
    let registry = MetricRegistry()
    let worker: MixerWorker
    private(set) var mixer: WorkerMixer
    private(set) var plan: MixerPlan
    let request = HeaderBlock(capacity: 1024)
    /// Of handlers that block.
    let threads: [String: HandlerThreads]
    private let pipeline: ReportPipeline
    private let admin: HandlerSeries
    private let live: [String: LiveHandler]
    private let facts: [String: HandlerFacts]
    private var compiled = CompiledMixer.empty

    /// - Parameters:
    ///   - text: What stands below `mixer:`.
    ///   - timeout: Of every handler, in nanoseconds.
    init(_ text: String, _ handlers: [AskedHandler], timeout: UInt64 = 1_000_000_000) throws {
        self.facts = Dictionary(
            uniqueKeysWithValues: handlers.map {
                ($0.name, HandlerFacts(adapter: "fake", templates: $0.templates, outputs: $0.outputs))
            })
        self.pipeline = ReportPipeline(self.registry, log: Log(level: .critical, descriptor: -1))
        self.admin = HandlerSeries(registry: self.registry, started: 0)
        let blocking = handlers.filter(\.isBlocking).map { ($0.name, HandlerThreads(count: 1)) }
        let threads = Dictionary(uniqueKeysWithValues: blocking)
        self.threads = threads
        self.live = Dictionary(
            uniqueKeysWithValues: handlers.map {
                (
                    $0.name,
                    LiveHandler(
                        $0, nil, HandlerSeries(registry: MetricRegistry(), started: 0),
                        threads[$0.name], timeout: timeout)
                )
            })
        let cells = self.registry.makeCells()
        self.worker = MixerWorker(
            ring: self.pipeline.makeRing(worker: 0, cells: cells), registry: self.registry, cells: cells)
        self.plan = .empty
        self.mixer = WorkerMixer(.empty, self.worker)
        try self.reload(text)
    }

    /// Brings another configuration into force, with the same handlers.
    mutating func reload(_ text: String) throws {
        let compiled = try self.compile(text)
        self.plan = self.prepare(compiled)
        self.mixer = WorkerMixer(self.plan, self.worker)
        self.plan.comeIntoForce()
        self.compiled = compiled
    }

    /// Makes what a configuration would need, which does not come into force then.
    func refuse(_ text: String) throws { _ = self.prepare(try self.compile(text)) }

    private func compile(_ text: String) throws -> CompiledMixer {
        let (compiled, problems) = CompiledMixer.compile(
            try Self.load(text), handlers: self.facts, keeping: self.compiled)
        try #require(problems.isEmpty, "\(problems)")
        return compiled
    }

    private func prepare(_ compiled: CompiledMixer) -> MixerPlan {
        MixerPlan(
            compiled, handlers: self.live, admin: self.admin, pipeline: self.pipeline,
            available: MixerBag.available)
    }

    /// The rules in force, in one more worker.
    func makeWorker() -> WorkerMixer {
        let cells = self.registry.makeCells()
        let ring = self.pipeline.makeRing(worker: 1, cells: cells)
        return WorkerMixer(self.plan, MixerWorker(ring: ring, registry: self.registry, cells: cells))
    }

    /// The series of a handler's metrics.
    func series(of handler: String) -> HandlerSeries? { self.live[handler]?.metrics }

    static func load(_ text: String) throws -> MixerConfiguration {
        let indented = text.split(separator: "\n", omittingEmptySubsequences: false).map { "  \($0)" }
            .joined(separator: "\n")
        let result = GatewayConfiguration.read(
            Array("version: 1\nmixer:\n\(indented)\n".utf8), fileName: "a.yaml", directory: "/")
        guard case .loaded(let loaded) = result else {
            Issue.record("\(result)")
            return MixerConfiguration()
        }
        return loaded.configuration.mixer
    }

    /// What is wrong with rules, as `place: message`.
    static func problems(_ text: String, _ facts: [String: HandlerFacts] = [:]) throws -> [String] {
        CompiledMixer.compile(try Self.load(text), handlers: facts).problems.map {
            "\($0.path): \($0.message)"
        }
    }

    /// All checks of one request.
    func check(_ bag: TestBag, now: UInt64 = 1) -> CheckDenial? {
        var position = CheckPosition()
        guard
            case .denied(let denial) = self.mixer.proceed(&position, bag, self.request, time: 0, now: now)
        else { return nil }
        return denial
    }
}
