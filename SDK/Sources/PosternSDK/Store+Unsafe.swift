internal import CPosternABI

/// A table of keys and values that all workers share; see ``FilterHost/store(_:)``.
public struct Store: Sendable, Hashable {
    let id: postern_store
}

/// A value that cannot be kept: its key or itself is too long, or it is no number.
public struct StoreError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What was wrong.
    public let description: String

    static let tooLarge = StoreError(description: "a key has at most 1,024 bytes and a value 524,288")
    static let notANumber = StoreError(description: "the value is no number, or the sum is out of range")
}

extension HTTPStream where Self: ~Copyable {
    /// A copy of the value; nil when there is none, or it has expired.
    public borrowing func get(_ key: String, in store: Store) -> [UInt8]? {
        let call = self._call
        var found = postern_bytes()
        let status = withBytes(key) {
            call.services.pointee.store.pointee.get(call.stream, store.id, $0, &found)
        }
        // SAFETY: postern_store.h: the bytes live until the next call of the table.
        return status == 0 ? Array(UnsafeBufferPointer(start: found.ptr, count: found.len)) : nil
    }

    /// Sets a value, for all workers.
    ///
    /// - Parameter lifetime: Until the value expires; nil keeps it.
    /// - Throws: ``StoreError``.
    public borrowing func set(
        _ key: String, _ value: Span<UInt8>, in store: Store, lifetime: Duration? = nil
    ) throws(StoreError) {
        let call = self._call
        let status = withBytes(key) { key in
            withBytes(value) {
                call.services.pointee.store.pointee.set(
                    call.stream, store.id, key, $0, lifetime?.abiNanoseconds ?? 0)
            }
        }
        if status != 0 { throw .tooLarge }
    }

    /// Sets a value when the present one is `expected`, nil for none.
    ///
    /// - Returns: Whether it was.
    public borrowing func compareAndSet(
        _ key: String, expected: [UInt8]?, _ value: Span<UInt8>, in store: Store, lifetime: Duration? = nil
    ) -> Bool {
        let call = self._call
        let lifetime = lifetime?.abiNanoseconds ?? 0
        let table = call.services.pointee.store
        return withBytes(key) { key in
            withBytes(value) { value in
                guard let expected else {
                    return table.pointee.compare_and_set(call.stream, store.id, key, nil, value, lifetime)
                }
                return withBytes(expected.span) {
                    var lent = $0
                    return table.pointee.compare_and_set(call.stream, store.id, key, &lent, value, lifetime)
                }
            }
        } == 0
    }

    /// Adds to a number, 0 when there is none.
    ///
    /// - Parameter lifetime: Counts from when the number was made.
    /// - Returns: The sum.
    /// - Throws: ``StoreError`` when the value is no number or the sum overflows.
    @discardableResult
    public borrowing func increment(
        _ key: String, by amount: Int64 = 1, in store: Store, lifetime: Duration? = nil
    ) throws(StoreError) -> Int64 {
        let call = self._call
        var sum: Int64 = 0
        let status = withBytes(key) {
            call.services.pointee.store.pointee.increment(
                call.stream, store.id, $0, amount, lifetime?.abiNanoseconds ?? 0, &sum)
        }
        if status == 4 { throw .tooLarge }
        if status != 0 { throw .notANumber }
        return sum
    }

    /// Removes a value.
    ///
    /// - Returns: Whether there was one.
    @discardableResult
    public borrowing func remove(_ key: String, from store: Store) -> Bool {
        let call = self._call
        return withBytes(key) { call.services.pointee.store.pointee.remove(call.stream, store.id, $0) } == 0
    }
}

// What filters of one stream leave for each other, and for attributes: `metadata['space']['key']`.
extension HTTPStream where Self: ~Copyable {
    /// Leaves a text; `space` is by convention the filter's name.
    public borrowing func setMetadata(_ space: String, _ key: String, _ value: String) {
        let call = self._call
        withBytes(space) { space in
            withBytes(key) { key in
                withBytes(value) {
                    _ = call.services.pointee.metadata.pointee.set_text(call.stream, space, key, $0)
                }
            }
        }
    }

    /// Leaves a number.
    public borrowing func setMetadata(_ space: String, _ key: String, _ value: Double) {
        let call = self._call
        withBytes(space) { space in
            withBytes(key) {
                _ = call.services.pointee.metadata.pointee.set_number(call.stream, space, $0, value)
            }
        }
    }

    /// Leaves any value that JSON can say.
    ///
    /// - Returns: false when `json` is none.
    public borrowing func setMetadata(_ space: String, _ key: String, json: String) -> Bool {
        let call = self._call
        return withBytes(space) { space in
            withBytes(key) { key in
                withBytes(json) {
                    call.services.pointee.metadata.pointee.set_json(call.stream, space, key, $0)
                }
            }
        } == 0
    }

    /// What a filter has left, as JSON; nil when nothing.
    public borrowing func metadata(_ space: String, _ key: String) -> String? {
        let call = self._call
        var found = postern_bytes()
        let status = withBytes(space) { space in
            withBytes(key) {
                call.services.pointee.metadata.pointee.get_json(call.stream, space, $0, &found)
            }
        }
        return status == 0 ? found.text : nil
    }
}
