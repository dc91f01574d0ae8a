import Filtering
import HTTPCodec
import Primitives

/// Reads responses to one request as the gateway does; the service closes at the end.
func readResponse(_ parts: [[UInt8]], request: String = "GET") -> Transcript {
    var reader = ResponseReader(request: request)
    for part in parts where !reader.isOver { reader.take(part) }
    reader.close()
    return reader.transcript
}

struct ResponseReader {
    let request: String
    var parser = ResponseHeadParser()
    var transcript = Transcript()
    var isOver = false
    private var facts = ResponseFacts()
    private var decoder = BodyDecoder()
    private let buffer = ByteBuffer(capacity: 64)
    private let block = HeaderBlock(capacity: 16)
    private let trailers = HeaderBlock(capacity: 16)
    private var isInBody = false

    init(request: String) { self.request = request }

    mutating func take(_ part: [UInt8]) {
        part.withByteView { self.buffer.append($0) }
        while !self.isOver, self.isInBody ? self.readBody() : self.readHead() {}
    }

    mutating func close() {
        guard self.isInBody, !self.isOver else { return }
        if let error = self.decoder.end() {
            self.transcript.fail(error)
        } else {
            self.transcript.messages[self.transcript.messages.count - 1].isWhole = true
        }
    }

    private mutating func readHead() -> Bool {
        let result = self.parser.parse(
            self.buffer.view, into: self.block, facts: &self.facts, requestWasHead: self.request == "HEAD",
            upgradeAsked: self.request == "upgrade"
        )
        switch result {
        case .incomplete: return false
        case .failed(let error):
            self.transcript.fail(error)
            self.isOver = true
            return false
        case .complete(let bytes):
            self.buffer.consume(bytes)
            var message = Transcript.Message()
            message.status = self.block.status
            message.isKeepAlive = self.facts.isKeepAlive
            var options = ResponseHeadOptions()
            options.wasHead = self.request == "HEAD"
            options.upgrade = self.facts.isUpgrade
            let out = ByteBuffer(capacity: 16)
            HeadWriter.writeResponse(self.block, framing: self.facts.framing, options: options, to: out)
            message.head = out.view.string
            self.decoder.begin(self.facts.framing, limits: HeadLimits(), isResponse: true)
            self.isInBody = !self.decoder.isFinished
            message.isWhole = !self.isInBody
            self.transcript.messages.append(message)
            self.isOver = message.isWhole && !self.facts.isInformational
            return true
        }
    }

    private mutating func readBody() -> Bool {
        guard !self.buffer.isEmpty else { return false }
        let step = self.decoder.next(self.buffer.view, trailers: self.trailers)
        let last = self.transcript.messages.count - 1
        self.transcript.messages[last].body += step.data.bytes
        self.buffer.consume(step.consumed)
        if let error = step.error {
            self.transcript.fail(error)
            self.isOver = true
            return false
        }
        if step.isEnd {
            self.transcript.messages[last].trailers = fields(self.trailers)
            self.transcript.messages[last].isWhole = true
            self.isOver = true
        }
        return true
    }
}
