/// Fields of a small message as offsets, in memory of its own and private, like the data path's classes.
public final class CallFields {
    private struct Field {
        var nameHash: UInt32
        var value: UInt32
        var nameLength: UInt16
    }

    // SAFETY: room for `capacity` elements of a trivial type, owned by this object alone; `count` never
    // exceeds it.
    private let fields: UnsafeMutablePointer<Field>
    private let capacity: Int
    private var count = 0

    /// - Parameter capacity: The most fields that fit.
    public init(capacity: Int) {
        self.capacity = capacity
        self.fields = .allocate(capacity: capacity)
    }

    deinit { self.fields.deallocate() }

    public func reset() { self.count = 0 }

    public func append(nameHash: UInt32, nameLength: UInt16, value: UInt32) {
        guard self.count < self.capacity else { return }
        self.fields[self.count] = Field(nameHash: nameHash, value: value, nameLength: nameLength)
        self.count += 1
    }

    /// The value of the first field with that name, or 0.
    public func value(nameHash: UInt32, nameLength: UInt16) -> UInt32 {
        for index in 0..<self.count {
            let field = self.fields[index]
            if field.nameHash == nameHash, field.nameLength == nameLength { return field.value }
        }
        return 0
    }
}
