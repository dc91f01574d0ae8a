internal import Filtering
internal import HTTPCodec
internal import Primitives

/// A connection whose session is fuzzed: it notes what is told, and checks what must always hold.
final class FuzzEnd: HTTP2Handler {
    private(set) var events: [String] = []
    /// Answers, echoes, pauses and resets, instead of only listening.
    var isBusy = false
    private let out = ByteBuffer(capacity: 16)
    private let side: HTTP2Side
    private(set) lazy var session = HTTP2Session(side: self.side, settings: Self.settings, handler: self)
    private var heads: [UInt32: HeaderBlock] = [:]
    private var trailerBlocks: [UInt32: HeaderBlock] = [:]
    private var bodies: [UInt32: UInt64] = [:]
    private var open: Set<UInt32> = []
    private var lent = 0
    private var wantsTurn = false

    private static let settings = {
        var settings = HTTP2Settings()
        settings.maxConcurrentStreams = 4
        settings.streamWindow = 2048
        settings.head = HeadLimits(head: 1024, fields: 8, url: 64)
        settings.allowConnect = true
        settings.outputLimit = 16_384
        settings.flood.control = 60
        settings.flood.resets = 5
        settings.flood.unsentBytes = 1024
        settings.flood.continuations = 4
        return settings
    }()

    init(_ side: HTTP2Side) {
        self.side = side
        super.init()
        self.session.start()
        if side == .client { for method in ["GET", "HEAD"] as [StaticString] { self.ask(method) } }
    }

    private func ask(_ method: StaticString) {
        let block = HeaderBlock(capacity: 16)
        block.setMethod(block.copy(ByteView(method)))
        block.setScheme(block.copy(ByteView("http")))
        block.setAuthority(block.copy(ByteView("a")))
        block.setPath(block.copy(ByteView("/")))
        let stream = self.session.sendRequest(
            block, framing: .none, options: RequestHeadOptions(), endOfStream: method.utf8CodeUnitCount > 3)
        if let stream { self.open.insert(stream.id) }
    }

    func feed(_ bytes: [UInt8], _ step: Int) {
        var start = 0
        var end = 0
        while end < bytes.count {
            end = min(bytes.count, end + step)
            let count = end - start
            // Memory of the very size, so that the address sanitizer sees any byte read past it.
            let copy = UnsafeMutableRawPointer.allocate(byteCount: max(count, 1), alignment: 1)
            bytes.withUnsafeBytes { all in
                if let base = all.baseAddress { copy.copyMemory(from: base + start, byteCount: count) }
            }
            let view = ByteView(base: UnsafeRawPointer(copy), count: count)
            var taken = self.session.receive(view, now: MonotonicTime(nanoseconds: 1))
            while self.session.holdsInput {
                // The peer reads what it was answered with.
                self.out.reset()
                precondition(taken <= count)
                taken += self.session.receive(view.dropFirst(taken), now: MonotonicTime(nanoseconds: 1))
            }
            copy.deallocate()
            precondition(taken >= 0 && taken <= count)
            start += taken
            precondition(end - start < HTTP2Settings.maxFrameSize + 9, "a whole frame was left")
            self.check()
        }
    }

    private func check() {
        precondition(self.session.openStreams == self.open.count, "streams without a last word")
        precondition(self.session.openStreams <= 4)
        precondition(self.out.count < 16_384 + 1024 + 20_000, "\(self.out.count) bytes wait to be written")
        if self.isBusy, self.wantsTurn {
            self.wantsTurn = false
            self.session.finishTurn()
        }
    }

    /// The connection goes: every stream has had its last word, and every buffer is back.
    func finish() {
        self.session.end(.cancel)
        self.session.finishTurn()
        precondition(self.open.isEmpty && self.session.openStreams == 0)
        precondition(self.lent == 0, "\(self.lent) buffers were not given back")
        precondition(self.session.failure != nil)
    }

    private func note(_ event: String) { self.events.append(event) }

    // MARK: What is told

    override func output() -> ByteBuffer { self.out }
    override func turnWanted() { self.wantsTurn = true }

    override func takeBuffer() -> ByteBuffer {
        self.lent += 1
        return ByteBuffer(capacity: 16)
    }

    override func giveBack(_ buffer: ByteBuffer) { self.lent -= 1 }

    override func block(for stream: HTTP2Stream, isTrailers: Bool) -> HeaderBlock {
        let block = HeaderBlock(capacity: 16)
        if isTrailers { self.trailerBlocks[stream.id] = block } else { self.heads[stream.id] = block }
        self.open.insert(stream.id)
        return block
    }

    private func show(_ block: HeaderBlock?) -> String {
        guard let block else { return "" }
        var text = "\(block.status) \(block.method.bytes) \(block.authority.bytes) \(block.path.bytes)"
        for index in 0..<block.count {
            let (name, value) = (block.name(block[index]), block.value(block[index]))
            precondition(HeaderSyntax.isName(name) && HeaderSyntax.isValue(value))
            text += " \(name.bytes)=\(value.bytes)"
        }
        return text
    }

    override func requestHead(_ stream: HTTP2Stream, _ facts: RequestFacts, endOfStream: Bool) {
        if let block = self.heads[stream.id] {
            precondition(!block.method.isEmpty && !block.authority.isEmpty)
            precondition(!block.path.isEmpty || facts.isConnect)
            precondition(block.scheme == "http" || block.scheme == "https")
        }
        self.note("request \(stream.id) \(self.show(self.heads[stream.id])) \(facts) \(endOfStream)")
        guard self.isBusy else { return }
        switch stream.id % 8 {
        case 1: self.session.pause(stream)
        case 3: self.answer(stream)
        case 5: self.session.resume(stream)
        default: self.reset(stream)
        }
    }

    override func responseHead(_ stream: HTTP2Stream, _ facts: ResponseFacts, endOfStream: Bool) {
        precondition((100...599).contains(self.heads[stream.id]?.status ?? 0))
        self.note("response \(stream.id) \(self.show(self.heads[stream.id])) \(facts) \(endOfStream)")
        if self.isBusy, stream.id == 1 { self.session.pause(stream) }
    }

    override func headRefused(_ stream: HTTP2Stream, _ error: HTTPError, endOfStream: Bool) {
        self.note("refused \(stream.id) \(error)")
        if self.isBusy, self.side == .server { self.answer(stream) }
    }

    override func body(_ stream: HTTP2Stream, _ bytes: ByteView, endOfStream: Bool) {
        for byte in bytes.buffer {
            self.bodies[stream.id] = (self.bodies[stream.id] ?? 7) &* 31 &+ UInt64(byte)
        }
        if endOfStream { self.note("body \(stream.id) \(self.bodies[stream.id] ?? 0)") }
        guard self.isBusy else { return }
        if stream.isPaused {
            self.session.resume(stream)
        } else if bytes.count % 3 == 1 {
            self.session.pause(stream)
        }
        if bytes.count % 7 == 6 { return self.reset(stream) }
        self.session.sendBody(stream, bytes, endOfStream: endOfStream)
    }

    override func trailers(_ stream: HTTP2Stream) {
        let block = self.trailerBlocks[stream.id]
        self.note("trailers \(stream.id) \(self.bodies[stream.id] ?? 0) \(self.show(block))")
        if self.isBusy, let block { self.session.sendTrailers(stream, block) }
    }

    override func outputDrained(_ stream: HTTP2Stream) {
        if stream.id % 4 == 3 { self.reset(stream) }
    }

    override func streamEnded(_ stream: HTTP2Stream, _ end: HTTP2StreamEnd) {
        self.note("ended \(stream.id) \(end) \(self.bodies[stream.id] ?? 0)")
        precondition(self.open.remove(stream.id) != nil, "a second last word")
    }

    override func goAway(lastStream: UInt32, _ code: HTTP2ErrorCode) { self.note("goaway \(lastStream)") }
    override func failed(_ failure: HTTP2Failure) { self.note("failed \(failure.details)") }

    private func answer(_ stream: HTTP2Stream) {
        let block = HeaderBlock(capacity: 16)
        block.status = 200
        self.session.sendResponse(
            stream, block, framing: .chunked, options: ResponseHeadOptions(), endOfStream: false)
        for _ in 0..<3 { self.session.sendBody(stream, ByteView("0123456789"), endOfStream: false) }
        block.reset()
        block.add(ByteView("X-T"), ByteView("1"))
        if stream.id % 16 == 3 { self.session.sendTrailers(stream, block) }
    }

    private func reset(_ stream: HTTP2Stream) {
        if !stream.isOver { self.open.remove(stream.id) }
        self.session.reset(stream, .cancel)
    }
}
