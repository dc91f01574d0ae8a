public import PosternSDK

/// Makes the lines of a batch and writes them to a file or pipe, with one write where that takes all.
public struct LineBatch {
    private let lines: RecordLines
    private let buffer = LineBuffer()
    /// Where each record's line ends.
    private var ends: [Int] = []

    /// Makes lines of this format.
    public init(_ format: LineFormat, log: Log) { self.lines = RecordLines(format, log: log) }

    /// Makes the lines.
    ///
    /// - Returns: How many bytes they have.
    public mutating func make(_ batch: borrowing Batch) -> Int {
        self.buffer.truncate()
        self.ends.removeAll(keepingCapacity: true)
        for index in 0..<batch.count {
            self.lines.append(batch[index], to: self.buffer)
            self.ends.append(self.buffer.count)
        }
        return self.buffer.count
    }

    /// Writes what ``make(_:)`` has made. Records whose lines were not taken are to come again.
    ///
    /// - Throws: ``WriteFailure`` when none was taken.
    public func write(
        _ batch: borrowing Batch, to output: LineOutput, timeout: Duration, log: Log
    ) throws(WriteFailure) {
        let outcome = output.write(self.buffer, timeout: timeout)
        guard let problem = outcome.problem else { return }
        guard outcome.taken > 0 else { throw WriteFailure(description: problem) }
        for index in 0..<batch.count where self.ends[index] > outcome.taken { batch.giveAgain(index) }
        log(.warning, "not all lines were written: \(problem)")
    }
}

/// Why lines were not written.
public struct WriteFailure: Error, Sendable, CustomStringConvertible {
    /// For people.
    public let description: String

    /// An error with this text.
    public init(description: String) { self.description = description }
}
