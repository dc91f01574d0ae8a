public import CPosternABI

/// What every hook can do with its request: read attributes, count, take tokens, leave a handle.
///
/// Its types live for the length of one hook: they are not copyable and have no public initialiser.
public protocol HTTPStream: ~Copyable {
    /// For the SDK.
    var _call: StreamCall { get }
}

/// One of the two ways through a stream.
public enum StreamDirection: UInt32, Sendable {
    /// From the client to the service.
    case request = 0
    /// From the service to the client.
    case response = 1
}

extension HTTPStream where Self: ~Copyable {
    /// The attribute's value as bytes, a number in decimal digits; nil when the exchange has none.
    @inlinable
    @_lifetime(borrow self)
    public borrowing func attribute(_ attribute: Attribute) -> Span<UInt8>? {
        var found = postern_bytes()
        let call = self._call
        guard call.services.pointee.attributes.pointee.bytes(call.stream, attribute.id, &found) == 0 else {
            return nil
        }
        return _overrideLifetime(found.span, borrowing: self)
    }

    /// The attribute's value as a number; nil when absent or no number.
    @inlinable
    public borrowing func integer(_ attribute: Attribute) -> Int64? {
        var found: Int64 = 0
        let call = self._call
        guard call.services.pointee.attributes.pointee.integer(call.stream, attribute.id, &found) == 0 else {
            return nil
        }
        return found
    }

    /// A copy of the attribute's value as text; allocates.
    public borrowing func text(_ attribute: Attribute) -> String? {
        guard let bytes = self.attribute(attribute) else { return nil }
        return String(bytes)
    }

    /// Adds to a counter.
    @inlinable
    public borrowing func add(_ value: UInt64 = 1, to counter: Counter) {
        self._call.services.pointee.metrics.pointee.add(self._call.stream, counter.id, value)
    }

    /// Sets a gauge.
    @inlinable
    public borrowing func set(_ gauge: Gauge, to value: UInt64) {
        self._call.services.pointee.metrics.pointee.set(self._call.stream, gauge.id, value)
    }

    /// Records a value.
    @inlinable
    public borrowing func observe(_ value: UInt64, in histogram: Histogram) {
        self._call.services.pointee.metrics.pointee.observe(self._call.stream, histogram.id, value)
    }

    /// Takes all `tokens` from the bucket of `key`, or none.
    @inlinable
    public borrowing func take(
        _ tokens: UInt64 = 1, from buckets: TokenBuckets, key: Span<UInt8>
    ) -> TokenAnswer {
        var answer = postern_token_answer()
        answer.size = MemoryLayout<postern_token_answer>.size
        let call = self._call
        let status = withBytes(key) {
            call.services.pointee.buckets.pointee.take(call.stream, buckets.id, tokens, $0, &answer)
        }
        return TokenAnswer(answer, isAllowed: status != 0 || answer.is_allowed != 0)
    }

    /// A name for this request that any thread may keep; see ``StreamHandle``.
    public borrowing func handle() -> StreamHandle {
        StreamHandle(
            id: self._call.services.pointee.anyStream.pointee.id(self._call.stream),
            services: self._call.services)
    }
}

extension String {
    /// A copy of the bytes as text; malformed UTF-8 becomes U+FFFD.
    public init(_ bytes: Span<UInt8>) {
        self = withBytes(bytes) { $0.text }
    }
}
