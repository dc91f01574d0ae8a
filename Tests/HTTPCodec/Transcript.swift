import Filtering
import HTTPCodec
import Primitives

/// What a peer made of a connection's bytes, as text that can be compared.
struct Transcript: Equatable {
    struct Message: Equatable {
        /// The head as written for the other side.
        var head = ""
        var body: [UInt8] = []
        var trailers: [String] = []
        var isKeepAlive = false
        var isWhole = false
        var status = 0
    }

    var messages: [Message] = []
    var error: String?
    var status: Int?

    mutating func fail(_ error: HTTPError) {
        self.error = error.details.description
        self.status = error.status
    }
}

/// Reads requests as the gateway does: head, path, body, and the next one when the connection is kept.
func readRequests(_ parts: [[UInt8]], parser: RequestHeadParser = RequestHeadParser()) -> Transcript {
    var reader = RequestReader(parser: parser)
    for part in parts where !reader.isOver { reader.take(part) }
    return reader.transcript
}

struct RequestReader {
    var parser: RequestHeadParser
    var transcript = Transcript()
    var isOver = false
    private var facts = RequestFacts()
    private var decoder = BodyDecoder()
    private let buffer = ByteBuffer(capacity: 64)
    private let block = HeaderBlock(capacity: 16)
    private let trailers = HeaderBlock(capacity: 16)
    private var isInBody = false

    init(parser: RequestHeadParser) { self.parser = parser }

    mutating func take(_ part: [UInt8]) {
        part.withByteView { self.buffer.append($0) }
        while !self.isOver, self.isInBody ? self.readBody() : self.readHead() {}
    }

    private mutating func readHead() -> Bool {
        switch self.parser.parse(self.buffer.view, into: self.block, facts: &self.facts) {
        case .incomplete: return false
        case .failed(let error):
            self.stop(error)
            return false
        case .complete(let bytes):
            self.buffer.consume(bytes)
            var original: ArenaRange?
            if let error = PathNormaliser().normalise(self.block, originalPath: &original) {
                self.stop(error)
                return false
            }
            var message = Transcript.Message()
            message.head = writtenRequest(self.block, self.facts)
            message.isKeepAlive = self.facts.isKeepAlive
            self.decoder.begin(self.facts.framing, limits: HeadLimits())
            self.isInBody = !self.decoder.isFinished
            message.isWhole = !self.isInBody
            self.transcript.messages.append(message)
            self.isOver = message.isWhole && !message.isKeepAlive
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
            self.stop(error)
            return false
        }
        if step.isEnd {
            self.transcript.messages[last].trailers = fields(self.trailers)
            self.transcript.messages[last].isWhole = true
            self.isInBody = false
            self.isOver = !self.transcript.messages[last].isKeepAlive
        }
        return true
    }

    private mutating func stop(_ error: HTTPError) {
        self.transcript.fail(error)
        self.isOver = true
    }
}

func writtenRequest(_ block: HeaderBlock, _ facts: RequestFacts) -> String {
    var options = RequestHeadOptions()
    options.upgrade = facts.isUpgrade
    options.receivedMinorVersion = facts.minorVersion
    let buffer = ByteBuffer(capacity: 16)
    HeadWriter.writeRequest(block, framing: facts.framing, options: options, to: buffer)
    return buffer.view.string
}

/// The fields of a block, names in lower case.
func fields(_ block: HeaderBlock) -> [String] {
    (0..<block.count).map { "\(block.name(block[$0]).string.lowercased()): \(block.value(block[$0]).string)" }
}

/// The fields of a head in text, names in lower case.
func fieldLines(_ head: String) -> [String] {
    head.components("\r\n").dropFirst().filter { !$0.isEmpty }.map { line in
        let parts = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        return "\(parts[0].lowercased()):\(parts.count > 1 ? parts[1] : "")"
    }
}

extension String {
    func components(_ separator: String) -> [String] {
        var result: [String] = []
        var rest = Array(self.utf8)[...]
        let mark = Array(separator.utf8)
        var present: [UInt8] = []
        while !rest.isEmpty {
            if rest.starts(with: mark) {
                result.append(String(decoding: present, as: UTF8.self))
                present = []
                rest = rest.dropFirst(mark.count)
            } else {
                present.append(rest.removeFirst())
            }
        }
        return result + [String(decoding: present, as: UTF8.self)]
    }
}
