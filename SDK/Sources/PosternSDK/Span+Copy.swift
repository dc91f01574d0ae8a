extension Array where Element == UInt8 {
    /// A copy of the bytes; allocates.
    public init(copying bytes: Span<UInt8>) {
        self.init()
        self.reserveCapacity(bytes.count)
        for index in bytes.indices { self.append(bytes[index]) }
    }
}
