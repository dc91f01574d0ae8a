internal import Adapting
internal import CPosternABI
internal import Primitives

extension CheckStep {
    /// Asks the handler; blocks where the handler does.
    ///
    /// - Parameters:
    ///   - record: As `RecordWriter` writes it.
    ///   - deadline: After which nobody waits for the answer.
    func ask(_ record: [UInt8], _ demand: StepDemand, time: UInt64, by deadline: MonotonicTime) -> StepAnswer
    {
        record.withByteView { self.ask($0, demand, time: time, by: deadline) }
    }

    func ask(
        _ record: ByteView, _ demand: StepDemand, time: UInt64, by deadline: MonotonicTime? = nil
    ) -> StepAnswer {
        let shape = self.instance.shape
        // SAFETY: `read` initialises every value that it says it has read; what the record points at lives
        // until the closures return, which is what the handler is promised.
        return withUnsafeTemporaryAllocation(
            of: postern_value.self, capacity: max(shape.columns.count, 1)
        ) { values in
            guard let start = values.baseAddress, RecordReader.read(record, shape, into: start) else {
                return .failed("the record cannot be read")
            }
            let lent = postern_record(shape.abi, start, time: time)
            return withUnsafePointer(to: lent) { self.ask($0, demand, deadline) }
        }
    }

    private func ask(
        _ record: UnsafePointer<postern_record>, _ demand: StepDemand, _ deadline: MonotonicTime?
    ) -> StepAnswer {
        switch self.instance.template.variety {
        case .check:
            switch self.live.handler.check(record, by: deadline) {
            case .answered(let verdict): return .check(verdict)
            case .failed(let why): return .failed(why)
            }
        case .quota:
            switch self.live.handler.quota(record, demand.asked, by: deadline) {
            case .answered(let allowance): return .quota(allowance)
            case .failed(let why): return .failed(why)
            }
        case .attributes: return self.generate(record, deadline)
        case .report: return .failed("it takes no checks")
        }
    }

    private func generate(
        _ record: UnsafePointer<postern_record>, _ deadline: MonotonicTime?
    ) -> StepAnswer {
        let count = self.live.handler.outputs.count
        return withUnsafeTemporaryAllocation(of: postern_value.self, capacity: max(count, 1)) { values in
            values.initialize(repeating: postern_value())
            guard let start = values.baseAddress else { return .failed("no memory") }
            if let why = self.live.handler.generate(record, start, by: deadline) { return .failed(why) }
            let size = (0..<count).reduce(0) { $0 + 32 + (values[$1].text?.len ?? 0) }
            return .attributes(
                [UInt8](unsafeUninitializedCapacity: max(size, 1)) { bytes, written in
                    guard let base = bytes.baseAddress else { return }
                    var writer = RecordWriter(base, capacity: size)
                    for index in 0..<count { writer.append(values[index]) }
                    written = writer.count
                })
        }
    }
}
