import Foundation
import Primitives
import Reactor
import TestSupport
import Testing

@Suite(.ownThread) struct SocketStreamTests {
    /// A stream that writes down what it is told, and takes as many bytes as it is told to.
    private final class Stream: SocketStream {
        var shown: [String] = []
        var events: [String] = []
        var appetite = Int.max

        override func received(_ bytes: ByteView) -> Int {
            self.shown.append(bytes.string)
            return min(self.appetite, bytes.count)
        }
        override func inputEnded() { self.events.append("ended") }
        override func outputDrained() { self.events.append("drained") }
        override func outputProgressed() { self.events.append("progressed") }
        override func connectionLost() { self.events.append("lost") }
        override func failed(_ code: Int32, whileWriting: Bool) {
            self.events.append("failed \(code) \(whileWriting ? "writing" : "reading")")
        }
        override func closed() { self.events.append("closed") }
    }

    private let loop: EventLoop
    private let stream: Stream
    /// The other end.
    private let peer: Socket

    init() throws {
        var pair: [Int32] = [0, 0]
        let type = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
        try #require(socketpair(AF_UNIX, type, 0, &pair) == 0)
        self.loop = try EventLoop()
        self.peer = Socket(descriptor: pair[1])
        self.stream = Stream(loop: self.loop, socket: Socket(descriptor: pair[0]), isConnecting: false)
        try self.stream.start()
        self.turn()
    }

    private func turn() { self.loop.turn(wait: false) }

    private func say(_ text: String) { text.withByteView { _ = self.peer.write($0) } }

    /// What the other end can read now; nil at the end of input.
    private func hear() -> String? {
        let buffer = ByteBuffer(capacity: 4 << 20)
        while true {
            switch self.peer.read(into: buffer) {
            case .bytes(0): return buffer.isEmpty ? nil : buffer.view.string
            case .bytes: buffer.reserve(1 << 20)
            default: return buffer.view.string
            }
        }
    }

    @Test("What is not taken is shown again with what came behind it")
    func leavings() {
        self.stream.appetite = 2
        self.say("abcd")
        self.turn()
        self.say("ef")
        self.turn()
        #expect(self.stream.shown == ["abcd", "cdef"])
    }

    @Test("While reading is paused nothing is shown; then all of it is")
    func pause() {
        self.stream.pauseReading()
        self.say("abc")
        self.turn()
        self.say("def")
        self.turn()
        #expect(self.stream.shown.isEmpty)
        self.stream.resumeReading()
        self.turn()
        #expect(self.stream.shown == ["abcdef"])
    }

    @Test("Bytes left by a stream that pauses are shown when it resumes, although no event comes")
    func pauseWithLeavings() {
        self.stream.appetite = 1
        self.say("abc")
        self.turn()
        self.stream.pauseReading()
        self.turn()
        #expect(self.stream.shown == ["abc"])
        self.stream.resumeReading()
        self.turn()
        #expect(self.stream.shown == ["abc", "bc"])
    }

    @Test("The end of input is told once, behind the last bytes, and not while reading is paused")
    func end() {
        self.stream.pauseReading()
        self.say("last")
        self.peer.shutdownOutput()
        self.turn()
        #expect(self.stream.events.isEmpty)
        self.stream.resumeReading()
        self.turn()
        self.turn()
        #expect(self.stream.shown == ["last"])
        #expect(self.stream.events == ["ended"])
    }

    @Test("Small sends leave together when the handler is done, a large one at once behind them")
    func gathering() {
        self.stream.send(ByteView("one "))
        self.stream.send(ByteView("two"), tail: "\n")
        #expect(self.hear() == "")
        let large = String(repeating: "x", count: 8192)
        large.withByteView { self.stream.send($0, tail: "!") }
        #expect(self.hear() == "one two\n\(large)!")
        self.stream.send(ByteView("three"))
        self.turn()
        #expect(self.hear() == "three")
    }

    @Test("What the peer does not read waits, and goes on in order when it does")
    func backpressure() {
        let blocks = (0..<64).map { String(repeating: String($0 % 10), count: 32 << 10) }
        for block in blocks { block.withByteView { self.stream.send($0) } }
        #expect(self.stream.isWriteBlocked)
        #expect(self.stream.unsentBytes > 1 << 20)
        self.turn()
        #expect(!self.stream.events.contains("drained"))
        var heard = ""
        while !self.stream.events.contains("drained") {
            heard += self.hear() ?? ""
            self.turn()
        }
        heard += self.hear() ?? ""
        #expect(heard == blocks.joined())
        #expect(!self.stream.isWriteBlocked)
        #expect(self.stream.unsentBytes == 0)
        #expect(self.stream.events.first == "progressed")
    }

    @Test("A shutdown comes behind everything that waits, and reading goes on")
    func shutdown() {
        let large = String(repeating: "x", count: 1 << 20)
        large.withByteView { self.stream.send($0) }
        self.stream.shutdownOutput()
        var heard = 0
        while let text = self.hear() {
            heard += text.utf8.count
            self.turn()
        }
        #expect(heard == 1 << 20)
        self.say("still here")
        self.turn()
        #expect(self.stream.shown == ["still here"])
    }

    @Test("A write that fails is told, and what was said before can still be read")
    func writeFails() {
        self.stream.pauseReading()
        self.say("farewell")
        self.turn()
        self.peer.close()
        String(repeating: "x", count: 8192).withByteView { self.stream.send($0) }
        #expect(self.stream.events.isEmpty, "sending calls nobody")
        self.turn()
        #expect(self.stream.events.last == "failed \(EPIPE) writing")
        #expect(self.stream.isWriteFailed)
        self.stream.send(ByteView("dropped"))
        self.stream.resumeReading()
        self.turn()
        #expect(self.stream.shown == ["farewell"])
        #expect(self.stream.events.last == "ended")
    }

    @Test("A peer that is gone is told of while reading is paused")
    func lost() {
        self.stream.pauseReading()
        self.say("unread")
        self.turn()
        #expect(self.stream.events.isEmpty)
        self.peer.close()
        // Another test's child may hold a copy for a moment.
        eventually {
            self.turn()
            return !self.stream.events.isEmpty
        }
        #expect(self.stream.events == ["lost"])
        #expect(self.stream.shown.isEmpty)
    }

    @Test("Closed, it says so once and drops what waits; nothing is shown any more")
    func close() {
        self.stream.send(ByteView("unsent"))
        self.stream.close()
        self.stream.close()
        self.say("abc")
        self.turn()
        #expect(self.stream.events == ["closed"])
        #expect(self.stream.shown.isEmpty)
        #expect(eventually { self.hear() == nil })
    }

    @Test("What waits can be handed to another stream")
    func unsent() throws {
        self.stream.send(ByteView("request"))
        let buffer = try #require(self.stream.takeUnsent())
        #expect(self.stream.unsentBytes == 0)
        self.stream.send(ByteView("first "))
        self.stream.sendUnsent(buffer)
        self.turn()
        #expect(self.hear() == "first request")
    }

    @Test("A connect that is refused fails, and what waits can be taken back")
    func refused() throws {
        // Held, so that no other test listens there.
        let nobody = try DeadEnd.refusing()
        let address = try #require(SocketAddress(parsing: nobody.address))
        let stream = Stream(loop: self.loop, socket: try .connect(to: address), isConnecting: true)
        try stream.start()
        stream.send(ByteView("request"))
        while stream.events.isEmpty { self.loop.turn(wait: true) }
        #expect(stream.events == ["failed \(ECONNREFUSED) reading"])
        let unsent = try #require(stream.takeUnsent())
        #expect(unsent.view.string == "request")
        stream.close()
    }

    @Test("Bytes sent while it connects leave once it has")
    func connects() throws {
        let listener = try Socket.listen(
            on: #require(SocketAddress(parsing: "127.0.0.1:0")), sharesPort: false)
        defer { listener.close() }
        let stream = Stream(
            loop: self.loop, socket: try .connect(to: #require(listener.localAddress)), isConnecting: true)
        try stream.start()
        #expect(stream.isConnecting)
        stream.send(ByteView("request"))
        while !stream.events.contains("drained") { self.loop.turn(wait: true) }
        #expect(!stream.isConnecting)
        guard case .bytes(let descriptor) = listener.accept() else {
            Issue.record("nobody has connected")
            return
        }
        let server = Socket(descriptor: Int32(descriptor))
        let buffer = ByteBuffer(capacity: 100)
        #expect(server.read(into: buffer) == .bytes(7))
        server.close()
        stream.close()
    }

    /// As a child process has one, until it runs its program.
    @Test("Nothing is told of a closed stream whose descriptor has a copy elsewhere")
    func copiedDescriptor() throws {
        final class Alarm: EventHandler {
            var hasRung = false
            override func timerFired(_ timer: DeadlineTimer) { self.hasRung = true }
        }
        let copy = dup(self.stream.socket.descriptor)
        defer { Socket(descriptor: copy).close() }
        self.stream.close()
        self.turn()
        self.say("to nobody")
        let alarm = Alarm()
        let timer = DeadlineTimer(owner: alarm)
        self.loop.timers.set(timer, at: self.loop.now.advanced(byNanoseconds: 50_000_000))
        // A turn ends with the first event, and there is none but the alarm.
        self.loop.turn(wait: true)
        #expect(alarm.hasRung)
    }
}
