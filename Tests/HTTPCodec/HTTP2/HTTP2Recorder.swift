import Filtering
import HTTPCodec
import Primitives
import TestSupport

/// A connection that writes down what its session tells, and holds what it sends.
final class HTTP2Recorder: HTTP2Handler {
    /// What was told, in order; bytes of one body in a row are one entry.
    private(set) var events: [String] = []
    let out = ByteBuffer(capacity: 64)
    var blocks: [UInt32: HeaderBlock] = [:]
    var trailerBlocks: [UInt32: HeaderBlock] = [:]
    var streams: [UInt32: HTTP2Stream] = [:]
    private(set) var failure: HTTP2Failure?
    /// Buffers lent at this moment, and their most.
    private(set) var lent = 0
    private(set) var mostLent = 0
    private(set) var turnsWanted = 0
    private var bodyEvent: (stream: UInt32, index: Int, text: String)?

    var onRequest: (HTTP2Stream, RequestFacts, Bool) -> Void = { _, _, _ in }
    var onRefusal: (HTTP2Stream, HTTPError) -> Void = { _, _ in }
    var onResponse: (HTTP2Stream, ResponseFacts) -> Void = { _, _ in }
    var onBody: (HTTP2Stream, ByteView) -> Void = { _, _ in }
    var onEnd: (HTTP2Stream) -> Void = { _ in }
    var onDrained: (HTTP2Stream) -> Void = { _ in }

    private func log(_ event: String) {
        self.bodyEvent = nil
        self.events.append(event)
    }

    override func output() -> ByteBuffer { self.out }

    override func takeBuffer() -> ByteBuffer {
        self.lent += 1
        self.mostLent = max(self.lent, self.mostLent)
        return ByteBuffer(capacity: 64)
    }

    override func giveBack(_ buffer: ByteBuffer) { self.lent -= 1 }
    override func turnWanted() { self.turnsWanted += 1 }

    override func block(for stream: HTTP2Stream, isTrailers: Bool) -> HeaderBlock {
        let block = HeaderBlock(capacity: 16)
        if isTrailers { self.trailerBlocks[stream.id] = block } else { self.blocks[stream.id] = block }
        self.streams[stream.id] = stream
        return block
    }

    override func requestHead(_ stream: HTTP2Stream, _ facts: RequestFacts, endOfStream: Bool) {
        if let block = self.blocks[stream.id] {
            let target = "\(block.scheme.string)://\(block.authority.string)\(block.path.string)"
            let end = endOfStream ? " END" : ""
            self.log("request \(stream.id) \(block.method.string) \(target)\(Self.fields(block))\(end)")
        }
        self.onRequest(stream, facts, endOfStream)
    }

    override func responseHead(_ stream: HTTP2Stream, _ facts: ResponseFacts, endOfStream: Bool) {
        if let block = self.blocks[stream.id] {
            self.log("response \(stream.id) \(block.status)\(Self.fields(block))\(endOfStream ? " END" : "")")
        }
        self.onResponse(stream, facts)
    }

    override func headRefused(_ stream: HTTP2Stream, _ error: HTTPError, endOfStream: Bool) {
        self.log("refused \(stream.id) \(error.status) \(error.details)")
        self.onRefusal(stream, error)
    }

    override func body(_ stream: HTTP2Stream, _ bytes: ByteView, endOfStream: Bool) {
        if !bytes.isEmpty {
            if let last = self.bodyEvent, last.stream == stream.id {
                self.bodyEvent = (last.stream, last.index, last.text + bytes.string)
            } else {
                self.events.append("")
                self.bodyEvent = (stream.id, self.events.count - 1, bytes.string)
            }
            if let last = self.bodyEvent { self.events[last.index] = "body \(stream.id) \(last.text)" }
        }
        self.onBody(stream, bytes)
        if endOfStream {
            self.log("end \(stream.id)")
            self.onEnd(stream)
        }
    }

    override func trailers(_ stream: HTTP2Stream) {
        if let block = self.trailerBlocks[stream.id] {
            self.log("trailers \(stream.id)\(Self.fields(block))")
        }
        self.onEnd(stream)
    }

    override func outputDrained(_ stream: HTTP2Stream) {
        self.log("drained \(stream.id)")
        self.onDrained(stream)
    }

    override func streamEnded(_ stream: HTTP2Stream, _ end: HTTP2StreamEnd) {
        self.streams[stream.id] = nil
        let fault = stream.fault.map { " \($0)" } ?? ""
        switch end {
        case .finished: self.log("finished \(stream.id)")
        case .resetByPeer(let code): self.log("reset \(stream.id) \(code.name)")
        case .failed(let code): self.log("failed \(stream.id) \(code.name)\(fault)")
        case .unprocessed: self.log("unprocessed \(stream.id)")
        case .connectionEnded(let code): self.log("lost \(stream.id) \(code.name)")
        }
    }

    override func goAway(lastStream: UInt32, _ code: HTTP2ErrorCode) {
        self.log("goaway \(lastStream) \(code.name)")
    }
    override func pingAcknowledged(_ data: UInt64) { self.log("pong \(data)") }

    override func failed(_ failure: HTTP2Failure) {
        self.failure = failure
        self.log("failure \(failure.code.name) \(failure.details)")
    }

    private static func fields(_ block: HeaderBlock) -> String {
        (0..<block.count).map { " \(block.name(block[$0]).string)=\(block.value(block[$0]).string)" }.joined()
    }

    /// The frames that were sent, and takes them out.
    func takeFrames() -> [HTTP2RawFrame] {
        let frames = HTTP2RawFrame.all(self.out.view.bytes)
        self.out.reset()
        return frames
    }
}

/// One side of a connection with its recorder; feeds it as a socket would.
final class HTTP2End {
    let handler = HTTP2Recorder()
    let session: HTTP2Session
    private let unread = ByteBuffer(capacity: 64)
    var now = MonotonicTime(nanoseconds: 1_000_000_000)

    init(_ side: HTTP2Side = .server, _ settings: HTTP2Settings = HTTP2Settings()) {
        self.session = HTTP2Session(side: side, settings: settings, handler: self.handler)
        self.session.start()
    }

    func receive(_ bytes: [UInt8]) {
        bytes.withByteView { self.unread.append($0) }
        let taken = self.session.receive(self.unread.view, now: self.now)
        self.unread.consume(taken)
        // What is kept is less than a frame.
        precondition(self.unread.count < HTTP2Settings.maxFrameSize + 9)
    }

    /// Answers each complete request with 200 and a body.
    func answer(_ body: String = "ok", status: Int = 200) {
        self.handler.onRequest = { [unowned self] stream, _, isLast in
            if isLast { self.respond(stream, body, status: status) }
        }
        self.handler.onEnd = { [unowned self] stream in self.respond(stream, body, status: status) }
    }

    func respond(_ stream: HTTP2Stream, _ body: String, status: Int = 200) {
        let block = HeaderBlock()
        block.status = status
        block.add(ByteView("Content-Type"), ByteView("text/plain"))
        var options = ResponseHeadOptions()
        options.via = false
        self.session.sendResponse(
            stream, block, framing: .length(UInt64(body.utf8.count)), options: options,
            endOfStream: body.isEmpty)
        if !body.isEmpty { body.withByteView { self.session.sendBody(stream, $0, endOfStream: true) } }
    }
}

/// What a server, or a client, makes of a peer's bytes, wherever they are cut.
struct HTTP2Outcome: Equatable, CustomStringConvertible {
    var events: [String]
    /// Without what it says first.
    var frames: [String]

    var description: String { "\(self.events) \(self.frames)" }
}

/// Feeds the opening and `bytes` to a new session, whole, byte by byte and cut at every place.
func outcome(
    _ bytes: [UInt8], side: HTTP2Side = .server, _ settings: HTTP2Settings = HTTP2Settings(),
    opening: [UInt8]? = nil, prepare: @escaping (HTTP2End) -> Void = { $0.answer() }
) -> (outcome: HTTP2Outcome, difference: String?) {
    let opening = opening ?? HTTP2Frames.opening(client: side == .server)
    return atEverySplit(opening + bytes) { parts in
        let end = HTTP2End(side, settings)
        prepare(end)
        let own = end.handler.takeFrames().count
        precondition(own > 0 || side == .client)
        for part in parts { end.receive(part) }
        let frames = end.handler.takeFrames().map(\.description).filter { $0 != "SETTINGS ACK" }
        return HTTP2Outcome(events: end.handler.events, frames: frames)
    }
}

extension HTTP2End {
    /// Sends a request as a client.
    @discardableResult
    func request(_ method: StaticString = "GET", body: String? = nil, options: RequestHeadOptions? = nil)
        -> HTTP2Stream?
    {
        let block = HeaderBlock()
        block.setMethod(block.copy(ByteView(method)))
        block.setScheme(block.copy(ByteView("https")))
        block.setAuthority(block.copy(ByteView("a.example")))
        block.setPath(block.copy(ByteView("/")))
        var plain = RequestHeadOptions()
        plain.via = false
        let stream = self.session.sendRequest(
            block, framing: body == nil ? .none : .chunked, options: options ?? plain,
            endOfStream: body == nil)
        if let stream, let body { body.withByteView { self.session.sendBody(stream, $0, endOfStream: true) } }
        return stream
    }
}
