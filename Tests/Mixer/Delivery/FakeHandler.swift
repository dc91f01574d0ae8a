import Adapting
import CPosternABI
import Primitives

/// A handler in the test's process, which answers as it is told.
final class FakeHandler: AdapterHandler, @unchecked Sendable {
    struct Batch: Equatable {
        var numbers: [Int64]
        var attempt: UInt32 = 0
        var isLast = false
    }
    enum Reply {
        case take
        case fail(String, restNanoseconds: UInt64 = 0)
        /// Those for which the closure gives no outcome are delivered.
        case mixed(@Sendable (Int64) -> postern_outcome?)
    }
    private struct State {
        var batches: [Batch] = []
        var replies: [Reply] = []
        var otherwise = Reply.take
        var delivered: [Int64] = []
        var texts: [String] = []
        var series: [Double] = []
        var buckets: [UInt64] = []
        var shapes: Set<UInt32> = []
        var ticks = 0
        var reopens = 0
    }
    private let state = Lock(State())
    /// Called first in each report; may wait.
    let gate: @Sendable () -> Void

    init(
        _ name: String = "fake", _ templates: [Adapting.Template] = [.logentry, .metric],
        gate: @escaping @Sendable () -> Void = {}
    ) {
        self.gate = gate
        super.init(name: name, templates: TemplateSet(templates), isBlocking: true)
    }

    /// What the next reports get, one after the other, and what all after these.
    func reply(_ replies: [Reply], then: Reply = .take) {
        self.state.withLock {
            $0.replies = replies
            $0.otherwise = then
        }
    }

    var batches: [Batch] { self.state.withLock { $0.batches } }
    var delivered: [Int64] { self.state.withLock { $0.delivered } }
    var texts: [String] { self.state.withLock { $0.texts } }
    var reportedSeries: [Double] { self.state.withLock { $0.series } }
    /// The first bucket of each series.
    var firstBuckets: [UInt64] { self.state.withLock { $0.buckets } }
    var shapes: Set<UInt32> { self.state.withLock { $0.shapes } }
    var ticks: Int { self.state.withLock { $0.ticks } }
    var reopens: Int { self.state.withLock { $0.reopens } }

    override func tick() { self.state.withLock { $0.ticks += 1 } }
    override func reopen() { self.state.withLock { $0.reopens += 1 } }

    override func report(
        _ batch: UnsafePointer<postern_batch>, _ outcomes: UnsafeMutablePointer<postern_outcome>
    ) -> ReportAnswer {
        self.gate()
        let batch = batch.pointee
        var read = Batch(numbers: [], attempt: batch.attempt, isLast: batch.flags & POSTERN_BATCH_LAST != 0)
        var texts: [String] = []
        var series: [Double] = []
        var buckets: [UInt64] = []
        var shapes: Set<UInt32> = []
        for index in 0..<batch.count {
            guard let record = batch.records?[index], let shape = record.shape else { continue }
            shapes.insert(shape.pointee.number)
            if let value = record.series {
                series.append(value.pointee.value)
                if let first = value.pointee.buckets { buckets.append(first[0]) }
            }
            guard let values = record.values else { continue }
            read.numbers.append(values[0].integer)
            if shape.pointee.column_count > 1, values[1].type == UInt32(POSTERN_VALUE_STRING),
                let start = values[1].bytes.ptr
            {
                texts.append(
                    String(
                        decoding: UnsafeBufferPointer(start: start, count: values[1].bytes.len), as: UTF8.self
                    ))
            }
        }
        return self.state.withLock { state in
            state.batches.append(read)
            state.shapes.formUnion(shapes)
            let reply = state.replies.isEmpty ? state.otherwise : state.replies.removeFirst()
            switch reply {
            case .take:
                state.delivered += read.numbers
                state.series += series
                state.buckets += buckets
            case .fail(let problem, let rest): return ReportAnswer(problem: problem, retryAfter: rest)
            case .mixed(let outcome):
                for (index, number) in read.numbers.enumerated() {
                    outcomes[index] = outcome(number) ?? postern_outcome(POSTERN_OUTCOME_DELIVERED)
                    if outcomes[index] == postern_outcome(POSTERN_OUTCOME_DELIVERED) {
                        state.delivered.append(number)
                    }
                }
            }
            state.texts += texts
            return .taken
        }
    }
}
