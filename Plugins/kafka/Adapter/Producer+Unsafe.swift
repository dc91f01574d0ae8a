internal import CKafka
internal import PluginSupport

/// A producer of librdkafka; for one thread at a time.
final class Producer {
    // SAFETY: made in init, freed in deinit; what is lent to a call is copied by it.
    private let kafka: OpaquePointer
    private let timeout: Int32

    enum Outcome { case delivered, again, refused }

    /// - Throws: ``WriteFailure``
    init(_ settings: ProducerSettings) throws(WriteFailure) {
        let (seconds, attoseconds) = settings.timeout.components
        self.timeout = Int32(clamping: seconds * 1000 + attoseconds / 1_000_000_000_000_000)
        var why = [CChar](repeating: 0, count: 512)
        let texts = settings.properties.flatMap { [$0.name, $0.value] }.map { Array($0.utf8CString) }
        // One run of bytes, and where each text begins in it.
        let bytes = texts.flatMap { $0 }
        let made = bytes.withUnsafeBufferPointer { all in
            var start = 0
            var pointers: [UnsafePointer<CChar>?] = []
            for text in texts {
                pointers.append(all.baseAddress.map { $0 + start })
                start += text.count
            }
            pointers.append(nil)
            return postern_kafka_new(&pointers, &why, why.count)
        }
        guard let made else { throw WriteFailure(description: text(why)) }
        self.kafka = made
    }

    deinit { postern_kafka_free(self.kafka) }

    func begin(_ count: Int) throws(WriteFailure) {
        guard postern_kafka_begin(self.kafka, count) else { throw WriteFailure(description: "no memory") }
    }

    func add(_ index: Int, topic: String, key: [UInt8]?, payload: [UInt8], milliseconds: Int64) {
        payload.withUnsafeBufferPointer { payload in
            if let key {
                // An empty array may have no address, which would mean no key.
                (key + [0]).withUnsafeBufferPointer {
                    postern_kafka_add(
                        self.kafka, index, topic, $0.baseAddress, key.count, payload.baseAddress,
                        payload.count,
                        milliseconds)
                }
            } else {
                postern_kafka_add(
                    self.kafka, index, topic, nil, 0, payload.baseAddress, payload.count, milliseconds)
            }
        }
    }

    /// Waits for what becomes of all.
    ///
    /// - Returns: The last error; nil when there was none.
    func finish() -> String? {
        var why = [CChar](repeating: 0, count: 512)
        postern_kafka_finish(self.kafka, self.timeout, &why, why.count)
        return why[0] == 0 ? nil : text(why)
    }

    func outcome(_ index: Int) -> Outcome {
        switch Int(postern_kafka_outcome(self.kafka, index)) {
        case Int(POSTERN_KAFKA_DELIVERED): .delivered
        case Int(POSTERN_KAFKA_REFUSED): .refused
        default: .again
        }
    }
}
