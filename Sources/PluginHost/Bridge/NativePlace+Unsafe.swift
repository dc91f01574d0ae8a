internal import CPosternABI
internal import Filtering
internal import Primitives

/// One configured plugin filter in one worker: what its calls of the host need, whatever kind of filter it
/// is.
final class NativePlace {
    // SAFETY: `config` and `context` live as long as `blueprint`, `worker` until `end()`, which the filter
    // that owns this calls when it goes.
    let blueprint: PluginBlueprint
    private let context: Unmanaged<ConfigContext>
    let config: UnsafeMutableRawPointer?
    let worker: UnsafeMutableRawPointer?
    private let workerContext: WorkerContext
    private let digits = ByteBuffer(capacity: 32)
    /// What a call has lent to the plugin, until the next.
    private let lent = ByteBuffer(capacity: 16)

    init(_ blueprint: PluginBlueprint, _ workerContext: WorkerContext, worker: UnsafeMutableRawPointer?) {
        self.blueprint = blueprint
        self.workerContext = workerContext
        self.context = Unmanaged.passUnretained(blueprint.context)
        self.config = blueprint.config
        self.worker = worker
    }

    /// The filter leaves the worker; after the plugin's own worker_destroy.
    func end() { self.workerContext.end() }

    /// For calls that are no request's innermost path.
    var configContext: ConfigContext { self.blueprint.context }

    /// Writes the header in front of a stream's state.
    func open(_ stream: FilterStream, _ slot: FilterSlot) -> UnsafeMutablePointer<StreamHeader> {
        let header = slot.state.bindMemory(to: StreamHeader.self, capacity: 1)
        header.initialize(
            to: StreamHeader(
                stream: Unmanaged.passUnretained(stream), filter: Unmanaged.passUnretained(self),
                mark: StreamHeader.alive, slot: Int32(slot.index), id: 0, hasResponded: false, isInBody: false
            )
        )
        return header
    }

    /// The stream is over: what the plugin kept of it names nothing from now on.
    func close(_ header: UnsafeMutablePointer<StreamHeader>) {
        if header.pointee.id != 0 { StreamDirectory.shared.unregister(header.pointee.id) }
        header.pointee.mark = StreamHeader.closed
    }

    func attribute(_ number: postern_attribute, _ header: UnsafeMutablePointer<StreamHeader>)
        -> AttributeValue
    {
        self.context._withUnsafeGuaranteedRef { context in
            guard Int(number) < context.attributes.count else { return .none }
            let stream = header.pointee.stream
            switch context.attributes[Int(number)] {
            case .known(let known): return stream._withUnsafeGuaranteedRef { $0.attribute(.known(known)) }
            case .metadata(let index):
                return stream._withUnsafeGuaranteedRef { $0.attribute(context.metadata[index]) }
            case .field(let section, let name):
                return stream._withUnsafeGuaranteedRef { stream in
                    if section == 1, stream.response.status == 0 { return .none }
                    return firstValue(section == 0 ? stream.request : stream.response, name).map {
                        .bytes($0)
                    }
                        ?? .none
                }
            }
        }
    }

    /// A copy of `bytes` that lives until the next call of this.
    func lend(_ bytes: [UInt8]) -> ByteView {
        self.lent.reset()
        bytes.withByteView { self.lent.append($0) }
        return self.lent.view
    }

    /// `number` in decimal digits, until the next call.
    func decimal(_ number: Int64) -> ByteView {
        self.digits.reset()
        if number < 0 { self.digits.append(0x2D) }
        self.digits.appendDecimal(number.magnitude)
        return self.digits.view
    }

    func take(
        _ buckets: postern_token_buckets, _ tokens: UInt64, _ key: ByteView,
        _ header: UnsafeMutablePointer<StreamHeader>
    ) -> TokenBucketAnswer? {
        self.context._withUnsafeGuaranteedRef { context in
            guard Int(buckets) < context.buckets.count else { return nil }
            let now = header.pointee.stream._withUnsafeGuaranteedRef { $0.worker.now }
            return context.buckets[Int(buckets)].take(tokens, key: key, now: now)
        }
    }
}
