internal import CPosternABI
internal import Synchronization

/// A configured adapter behind a C pointer.
class AnyAdapterBox {
    func report(
        _ batch: UnsafePointer<postern_batch>, _ outcomes: UnsafeMutablePointer<postern_outcome>,
        _ problem: UnsafeMutablePointer<postern_bytes>?
    ) -> postern_status { postern_status(POSTERN_FAILURE) }
    func tick() {}
    func reopen() {}
    func check(
        _ record: UnsafePointer<postern_record>, _ out: UnsafeMutablePointer<postern_verdict>,
        _ problem: UnsafeMutablePointer<postern_bytes>?
    ) -> postern_status { postern_status(POSTERN_FAILURE) }
    func quota(
        _ record: UnsafePointer<postern_record>, _ request: UnsafePointer<postern_quota_request>,
        _ out: UnsafeMutablePointer<postern_quota_grant>, _ problem: UnsafeMutablePointer<postern_bytes>?
    ) -> postern_status { postern_status(POSTERN_FAILURE) }
    func generate(
        _ record: UnsafePointer<postern_record>, _ out: UnsafeMutablePointer<postern_value>,
        _ problem: UnsafeMutablePointer<postern_bytes>?
    ) -> postern_status { postern_status(POSTERN_FAILURE) }
}

final class AdapterBox<Handler: Adapter>: AnyAdapterBox {
    // SAFETY: postern_adapter.h: `report`, `tick` and `reopen`, which alone touch `state`, run one at a time.
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
        _ problem: UnsafeMutablePointer<postern_bytes>?
    ) -> postern_status {
        lending(problem) { try self.handler.report(Batch(batch, outcomes), &self.state) }
    }

    override func tick() { self.handler.tick(&self.state) }

    override func reopen() { self.handler.reopen(&self.state) }

    override func check(
        _ record: UnsafePointer<postern_record>, _ out: UnsafeMutablePointer<postern_verdict>,
        _ problem: UnsafeMutablePointer<postern_bytes>?
    ) -> postern_status {
        lending(problem) {
            let verdict = try self.handler.check(Record(record))
            out.pointee.code = verdict.code.number
            out.pointee.valid_uses = UInt32(clamping: verdict.validUses ?? 0)
            out.pointee.valid_ns = verdict.validDuration.abiNanoseconds
            out.pointee.message =
                verdict.message.isEmpty ? postern_bytes() : lend(Array(verdict.message.utf8))
        }
    }

    override func quota(
        _ record: UnsafePointer<postern_record>, _ request: UnsafePointer<postern_quota_request>,
        _ out: UnsafeMutablePointer<postern_quota_grant>, _ problem: UnsafeMutablePointer<postern_bytes>?
    ) -> postern_status {
        lending(problem) {
            let id = request.pointee.deduplication_id
            let grant = try self.handler.quota(
                Record(record),
                QuotaRequest(
                    amount: Int(clamping: request.pointee.amount),
                    isBestEffort: request.pointee.best_effort != 0, deduplicationID: id == 0 ? nil : id))
            out.pointee.amount = UInt64(max(grant.amount, 0))
            out.pointee.valid_ns = grant.validDuration.abiNanoseconds
        }
    }

    override func generate(
        _ record: UnsafePointer<postern_record>, _ out: UnsafeMutablePointer<postern_value>,
        _ problem: UnsafeMutablePointer<postern_bytes>?
    ) -> postern_status {
        lending(problem) {
            let columns = Handler.outputs
            var outputs = Outputs(count: columns.count)
            try self.handler.generate(Record(record), &outputs)
            for (index, made) in outputs.values.enumerated() {
                var value = postern_value()
                switch made {
                case .absent: break
                case .bytes(let bytes):
                    value.type = columns[index].type.number == 7 ? 7 : 1
                    value.bytes = lend(bytes, slot: index)
                case .integer(let number, let type):
                    value.type = columns[index].type.number == 0 ? type : columns[index].type.number
                    value.integer = number
                case .double(let number):
                    value.type = UInt32(POSTERN_DOUBLE)
                    value.number = number
                }
                out[index] = value
            }
        }
    }

    /// Runs `body`; what it throws becomes the problem's text.
    private func lending(
        _ problem: UnsafeMutablePointer<postern_bytes>?, _ body: () throws -> Void
    ) -> postern_status {
        do {
            try body()
            return postern_status(POSTERN_OK)
        } catch {
            problem?.pointee = lend(Array("\(error)".utf8))
            return postern_status(POSTERN_FAILURE)
        }
    }
}
