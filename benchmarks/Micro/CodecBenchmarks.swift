internal import Filtering
internal import HTTPCodec
internal import Primitives

/// HTTP/1.1 heads, as every request meets them.
enum CodecBenchmarks {
    static let all = [
        Benchmark(name: "parse-request-head", prepare: { Self.parseRequest }),
        Benchmark(name: "parse-response-head", prepare: { Self.parseResponse }),
        Benchmark(name: "write-request-head", prepare: { Self.writeRequest }),
        Benchmark(name: "read-two-set-one", prepare: { Self.editFields }),
    ]

    /// The sample's bytes in a buffer, as they lie after a read.
    private static func buffer(_ sample: [UInt8]) -> ByteBuffer {
        let buffer = ByteBuffer(capacity: sample.count)
        for byte in sample { buffer.append(byte) }
        return buffer
    }

    private static func parseRequest(_ iterations: Int) -> UInt64 {
        let bytes = Self.buffer(Samples.requestHead)
        let block = HeaderBlock()
        var parser = RequestHeadParser()
        var sum: UInt64 = 0
        for _ in 0..<iterations {
            var facts = RequestFacts()
            guard case .complete(let count) = parser.parse(bytes.view, into: block, facts: &facts) else {
                return 0
            }
            sum &+= UInt64(count + block.count)
        }
        return sum
    }

    private static func parseResponse(_ iterations: Int) -> UInt64 {
        let bytes = Self.buffer(Samples.responseHead)
        let block = HeaderBlock()
        var parser = ResponseHeadParser()
        var sum: UInt64 = 0
        for _ in 0..<iterations {
            var facts = ResponseFacts()
            let result = parser.parse(bytes.view, into: block, facts: &facts, requestWasHead: false)
            guard case .complete(let count) = result else { return 0 }
            sum &+= UInt64(count + block.count)
        }
        return sum
    }

    private static func writeRequest(_ iterations: Int) -> UInt64 {
        let block = HeaderBlock()
        var parser = RequestHeadParser()
        var facts = RequestFacts()
        _ = parser.parse(Self.buffer(Samples.requestHead).view, into: block, facts: &facts)
        let out = ByteBuffer(capacity: 4096)
        var sum: UInt64 = 0
        for _ in 0..<iterations {
            out.reset()
            HeadWriter.writeRequest(block, framing: .none, options: RequestHeadOptions(), to: out)
            sum &+= UInt64(out.count)
        }
        return sum
    }

    private static func editFields(_ iterations: Int) -> UInt64 {
        let block = HeaderBlock()
        var parser = RequestHeadParser()
        var facts = RequestFacts()
        let bytes = Self.buffer(Samples.requestHead)
        var sum: UInt64 = 0
        for _ in 0..<iterations {
            // Parsed again for each, because edits use up the block's arena.
            _ = parser.parse(bytes.view, into: block, facts: &facts)
            guard let agent = block.first(.userAgent), let language = block.first(.acceptLanguage) else {
                return 0
            }
            let longer = agent.count > language.count ? agent : language
            sum &+= UInt64(block.set(ByteView("x-bench"), longer) == .done ? 1 : 0)
        }
        return sum
    }
}
