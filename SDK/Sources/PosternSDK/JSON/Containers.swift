/// The members of an object.
struct ObjectContainer<Key: CodingKey>: KeyedDecodingContainerProtocol {
    let decoder: ConfigDecoder
    let members: [JSONValue.Member]
    var codingPath: [any CodingKey] { self.decoder.codingPath }
    var allKeys: [Key] { self.members.compactMap { Key(stringValue: $0.key) } }

    private func find(_ key: String) -> JSONValue? { self.members.first { $0.key == key }?.value }

    func contains(_ key: Key) -> Bool { self.find(key.stringValue) != nil }

    private func child(_ key: any CodingKey) throws -> ConfigDecoder {
        guard let value = self.find(key.stringValue) else {
            throw ConfigProblem(jsonPointer(self.codingPath), "'\(key.stringValue)' is required")
        }
        return self.decoder.child(value, key)
    }

    func decodeNil(forKey key: Key) throws -> Bool { try self.child(key).decodeNil() }
    func decode(_ type: Bool.Type, forKey key: Key) throws -> Bool { try self.child(key).decode(type) }
    func decode(_ type: String.Type, forKey key: Key) throws -> String { try self.child(key).decode(type) }
    func decode(_ type: Double.Type, forKey key: Key) throws -> Double { try self.child(key).decode(type) }
    func decode(_ type: Float.Type, forKey key: Key) throws -> Float { try self.child(key).decode(type) }
    func decode(_ type: Int.Type, forKey key: Key) throws -> Int { try self.child(key).decode(type) }
    func decode(_ type: Int8.Type, forKey key: Key) throws -> Int8 { try self.child(key).decode(type) }
    func decode(_ type: Int16.Type, forKey key: Key) throws -> Int16 { try self.child(key).decode(type) }
    func decode(_ type: Int32.Type, forKey key: Key) throws -> Int32 { try self.child(key).decode(type) }
    func decode(_ type: Int64.Type, forKey key: Key) throws -> Int64 { try self.child(key).decode(type) }
    func decode(_ type: UInt.Type, forKey key: Key) throws -> UInt { try self.child(key).decode(type) }
    func decode(_ type: UInt8.Type, forKey key: Key) throws -> UInt8 { try self.child(key).decode(type) }
    func decode(_ type: UInt16.Type, forKey key: Key) throws -> UInt16 { try self.child(key).decode(type) }
    func decode(_ type: UInt32.Type, forKey key: Key) throws -> UInt32 { try self.child(key).decode(type) }
    func decode(_ type: UInt64.Type, forKey key: Key) throws -> UInt64 { try self.child(key).decode(type) }
    func decode<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value {
        try self.child(key).unwrap(type)
    }

    func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type, forKey key: Key
    ) throws -> KeyedDecodingContainer<Nested> {
        try self.child(key).container(keyedBy: type)
    }

    func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
        try self.child(key).unkeyedContainer()
    }

    func superDecoder() throws -> any Decoder { try self.child(PathKey(stringValue: "super")) }
    func superDecoder(forKey key: Key) throws -> any Decoder { try self.child(key) }
}

/// The items of an array.
struct ArrayContainer: UnkeyedDecodingContainer {
    let decoder: ConfigDecoder
    let items: [JSONValue]
    private(set) var currentIndex = 0

    init(decoder: ConfigDecoder, items: [JSONValue]) {
        self.decoder = decoder
        self.items = items
    }

    var codingPath: [any CodingKey] { self.decoder.codingPath }
    var count: Int? { self.items.count }
    var isAtEnd: Bool { self.currentIndex >= self.items.count }

    private mutating func next() throws -> ConfigDecoder {
        guard !self.isAtEnd else {
            throw ConfigProblem(jsonPointer(self.codingPath), "must have more than \(self.items.count) items")
        }
        let child = self.decoder.child(self.items[self.currentIndex], PathKey(intValue: self.currentIndex))
        self.currentIndex += 1
        return child
    }

    mutating func decodeNil() throws -> Bool {
        guard !self.isAtEnd, self.items[self.currentIndex] == .null else { return false }
        self.currentIndex += 1
        return true
    }

    mutating func decode(_ type: Bool.Type) throws -> Bool { try self.next().decode(type) }
    mutating func decode(_ type: String.Type) throws -> String { try self.next().decode(type) }
    mutating func decode(_ type: Double.Type) throws -> Double { try self.next().decode(type) }
    mutating func decode(_ type: Float.Type) throws -> Float { try self.next().decode(type) }
    mutating func decode(_ type: Int.Type) throws -> Int { try self.next().decode(type) }
    mutating func decode(_ type: Int8.Type) throws -> Int8 { try self.next().decode(type) }
    mutating func decode(_ type: Int16.Type) throws -> Int16 { try self.next().decode(type) }
    mutating func decode(_ type: Int32.Type) throws -> Int32 { try self.next().decode(type) }
    mutating func decode(_ type: Int64.Type) throws -> Int64 { try self.next().decode(type) }
    mutating func decode(_ type: UInt.Type) throws -> UInt { try self.next().decode(type) }
    mutating func decode(_ type: UInt8.Type) throws -> UInt8 { try self.next().decode(type) }
    mutating func decode(_ type: UInt16.Type) throws -> UInt16 { try self.next().decode(type) }
    mutating func decode(_ type: UInt32.Type) throws -> UInt32 { try self.next().decode(type) }
    mutating func decode(_ type: UInt64.Type) throws -> UInt64 { try self.next().decode(type) }
    mutating func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
        try self.next().unwrap(type)
    }

    mutating func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type
    ) throws -> KeyedDecodingContainer<Nested> {
        try self.next().container(keyedBy: type)
    }

    mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer {
        try self.next().unkeyedContainer()
    }

    mutating func superDecoder() throws -> any Decoder { try self.next() }
}
