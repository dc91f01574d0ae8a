extension TestHost {
    /// A value of the shared store.
    struct StoredValue {
        var bytes: [UInt8]
        /// nil keeps it.
        var expires: Duration?
    }

    /// The value of `key` in the store called `name`; nil when there is none, or it has expired.
    public func stored(_ key: String, in name: String) -> [UInt8]? {
        guard let value = self.stores[name]?[key] else { return nil }
        if let expires = value.expires, expires <= self.time { return nil }
        return value.bytes
    }

    /// Puts a value into the store called `name`, as another worker or filter would.
    public func store(_ key: String, _ value: [UInt8], in name: String, lifetime: Duration? = nil) {
        self.stores[name, default: [:]][key] = StoredValue(
            bytes: value, expires: lifetime.map { self.time + $0 })
    }

    /// - Returns: nil when the value is no number or the sum overflows.
    func increment(_ key: String, by amount: Int64, in name: String, lifetime: Duration?) -> Int64? {
        guard let present = self.stored(key, in: name) else {
            self.store(key, Array("\(amount)".utf8), in: name, lifetime: lifetime)
            return amount
        }
        guard let number = Int64(String(decoding: present, as: UTF8.self)) else { return nil }
        let (sum, overflows) = number.addingReportingOverflow(amount)
        if overflows { return nil }
        self.stores[name]?[key]?.bytes = Array("\(sum)".utf8)
        return sum
    }
}
