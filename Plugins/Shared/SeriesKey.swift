public import PosternSDK

extension Array where Element == UInt8 {
    /// Appends what tells the series of a metric's record from all others of the handler.
    public mutating func append(seriesKeyOf record: Record) {
        self.append(number: Int64(record.shape.number))
        for index in 0..<record.count {
            self.append(0)
            let start = self.count
            record[index].append(to: &self)
            // Lengths, so that no two sets of values make the same key.
            self.append(0)
            self.append(number: Int64(self.count - start))
        }
    }

    /// Appends a number as short as it can be told: `3`, `0.25`, `1e+20`; nothing may follow that reads on.
    public mutating func append(measure number: Double) {
        if number == number.rounded(), abs(number) < 1e15 {
            self.append(number: Int64(number))
        } else {
            self.append(contentsOf: "\(number)".utf8)
        }
    }
}
