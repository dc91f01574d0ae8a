internal import Adapting
internal import CPosternABI
internal import Primitives

extension CheckStep {
    /// Asks the handler; blocks where the handler does.
    ///
    /// - Parameter record: As `RecordWriter` writes it.
    func ask(_ record: [UInt8], _ demand: QuotaDemand, time: UInt64) -> StepAnswer {
        record.withByteView { self.ask($0, demand, time: time) }
    }

    func ask(_ record: ByteView, _ demand: QuotaDemand, time: UInt64) -> StepAnswer {
        let shape = self.instance.shape
        // SAFETY: `read` initialises every value that it says it has read; what the record points at lives
        // until the closures return, which is what the handler is promised.
        return withUnsafeTemporaryAllocation(
            of: postern_value.self, capacity: max(shape.columns.count, 1)
        ) { values in
            guard let start = values.baseAddress, RecordReader.read(record, shape, into: start) else {
                return .failed("the record cannot be read")
            }
            let lent = postern_record(shape: shape.abi, values: start, time_ns: time, series: nil)
            return withUnsafePointer(to: lent) { self.ask($0, demand) }
        }
    }

    private func ask(_ record: UnsafePointer<postern_record>, _ demand: QuotaDemand) -> StepAnswer {
        switch self.instance.template.variety {
        case .check:
            switch self.live.handler.check(record) {
            case .answered(let verdict): return .check(verdict)
            case .failed(let why): return .failed(why)
            }
        case .quota:
            switch self.live.handler.quota(record, demand) {
            case .answered(let allowance): return .quota(allowance)
            case .failed(let why): return .failed(why)
            }
        case .attributes: return self.generate(record)
        case .report: return .failed("it takes no checks")
        }
    }

    private func generate(_ record: UnsafePointer<postern_record>) -> StepAnswer {
        let count = self.live.handler.outputs.count
        return withUnsafeTemporaryAllocation(of: postern_value.self, capacity: max(count, 1)) { values in
            values.initialize(repeating: postern_value())
            guard let start = values.baseAddress else { return .failed("no memory") }
            if let why = self.live.handler.generate(record, start) { return .failed(why) }
            let size = (0..<count).reduce(0) { $0 + 32 + values[$1].bytes.len }
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
