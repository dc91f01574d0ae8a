internal import CPosternABI
internal import Synchronization

/// A configured adapter behind a C pointer.
class AnyAdapterBox {
    func report(
        _ batch: UnsafePointer<postern_batch>, _ outcomes: UnsafeMutablePointer<postern_outcome>,
        _ answer: UnsafeMutablePointer<postern_report_answer>
    ) -> postern_status { postern_status(POSTERN_FAILURE) }
    func tick() {}
    func reopen() {}
    func check(
        _ request: UnsafePointer<postern_check_request>, _ out: UnsafeMutablePointer<postern_verdict>
    ) -> postern_status { postern_status(POSTERN_FAILURE) }
    func quota(
        _ request: UnsafePointer<postern_quota_request>, _ out: UnsafeMutablePointer<postern_quota_grant>
    ) -> postern_status { postern_status(POSTERN_FAILURE) }
    func generate(
        _ request: UnsafePointer<postern_generate_request>, _ out: UnsafeMutablePointer<postern_generated>
    ) -> postern_status { postern_status(POSTERN_FAILURE) }
}

final class AdapterBox<Handler: Adapter>: AnyAdapterBox {
    // SAFETY: postern_adapter.h: `report`, `tick` and `reopen`, which alone touch `state`, run one at a time.
    // Answers have at least the fields of ABI 1.0, which are all that are written.
    private let handler: Handler
    private let log: Log
    private var state: Handler.State

    init(_ handler: Handler, _ log: Log) {
        self.handler = handler
        self.log = log
        self.state = handler.makeState()
    }

    override func report(
        _ batch: UnsafePointer<postern_batch>, _ outcomes: UnsafeMutablePointer<postern_outcome>,
        _ answer: UnsafeMutablePointer<postern_report_answer>
    ) -> postern_status {
        lending(&answer.pointee.problem_plug) {
            do { try self.handler.report(Batch(batch, outcomes, answer), &self.state) } catch {
                if let failure = error as? ReportFailure {
                    answer.pointee.retry_after_ns = failure.retryAfter.abiNanoseconds
                }
                throw error
            }
        }
    }

    override func tick() { self.handler.tick(&self.state) }

    override func reopen() { self.handler.reopen(&self.state) }

    override func check(
        _ request: UnsafePointer<postern_check_request>, _ out: UnsafeMutablePointer<postern_verdict>
    ) -> postern_status {
        lending(&out.pointee.problem_plug) {
            let asked = request.pointee
            let verdict = try self.handler.check(Record(asked.record, deadline: asked.deadline_ns))
            out.pointee.code = verdict.code.number
            out.pointee.valid_uses = UInt32(clamping: verdict.validUses ?? 0)
            out.pointee.valid_ns = verdict.validDuration.abiNanoseconds
            out.pointee.message_plug =
                verdict.message.isEmpty ? postern_bytes() : lend(Array(verdict.message.utf8))
        }
    }

    override func quota(
        _ request: UnsafePointer<postern_quota_request>, _ out: UnsafeMutablePointer<postern_quota_grant>
    ) -> postern_status {
        lending(&out.pointee.problem_plug) {
            let asked = request.pointee
            let id = asked.deduplication_id
            let grant = try self.handler.quota(
                Record(asked.record, deadline: asked.deadline_ns),
                QuotaRequest(
                    amount: Int(clamping: asked.amount),
                    isBestEffort: asked.flags & POSTERN_QUOTA_BEST_EFFORT != 0,
                    deduplicationID: id == 0 ? nil : id))
            out.pointee.amount = UInt64(max(grant.amount, 0))
            out.pointee.valid_ns = grant.validDuration.abiNanoseconds
        }
    }

    override func generate(
        _ request: UnsafePointer<postern_generate_request>, _ out: UnsafeMutablePointer<postern_generated>
    ) -> postern_status {
        lending(&out.pointee.problem_plug) {
            let asked = request.pointee
            let columns = Handler.outputs
            var outputs = Outputs(count: columns.count)
            try self.handler.generate(Record(asked.record, deadline: asked.deadline_ns), &outputs)
            for (index, made) in outputs.values.enumerated() {
                out.pointee.values_host[index] = made.lent(as: columns[index].type, slot: index)
            }
        }
    }

    /// Runs `body`; what it throws becomes the problem's text.
    private func lending(_ problem: inout postern_bytes, _ body: () throws -> Void) -> postern_status {
        do {
            try body()
            return postern_status(POSTERN_OK)
        } catch {
            problem = lend(Array("\(error)".utf8))
            return postern_status(POSTERN_FAILURE)
        }
    }
}

extension Outputs.Made {
    /// As the host takes it; bytes live until the thread lends others under the same number.
    fileprivate func lent(as type: ValueType, slot: Int) -> postern_value {
        var value = postern_value()
        switch self {
        case .absent: break
        case .bytes(let bytes):
            let isAddress = type == .ipAddress
            value.type = UInt32(isAddress ? POSTERN_VALUE_IP_ADDRESS : POSTERN_VALUE_STRING)
            value.bytes = lend(bytes, slot: slot)
        case .integer(let number, let own):
            value.type = type == .any ? own : type.number
            value.integer = number
        case .double(let number):
            value.type = UInt32(POSTERN_VALUE_DOUBLE)
            value.number = number
        }
        return value
    }
}
