import Foundation
import Primitives
import Reactor
import TestSupport
import Testing

@Suite(.ownThread) struct SpliceTests {
    /// A stream whose bulk goes to another one's socket.
    private final class Stream: SocketStream {
        var target: Stream?
        var shown = 0
        var moved = 0
        var events: [String] = []
        /// The stream that feeds this one.
        weak var source: Stream?

        override var spliceTarget: SocketStream? { self.target }
        override func spliced(_ bytes: Int) {
            self.moved += bytes
            if self.target?.isWriteBlocked == true { self.pauseReading() }
        }
        override func received(_ bytes: ByteView) -> Int {
            self.shown += bytes.count
            self.target?.send(bytes)
            if self.target?.isWriteBlocked == true { self.pauseReading() }
            return bytes.count
        }
        override func inputEnded() {
            self.events.append("ended")
            self.target?.shutdownOutput()
        }
        override func outputDrained() { self.source?.resumeReading() }
        override func failed(_ code: Int32, whileWriting: Bool) {
            self.events.append("failed \(code) \(whileWriting ? "writing" : "reading")")
        }
    }

    private let loop: EventLoop
    private let from, to: Stream
    /// The other ends.
    private let client, service: Socket

    init() throws {
        self.loop = try EventLoop()
        func pair() throws -> (Socket, Socket) {
            var pair: [Int32] = [0, 0]
            let type = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
            try #require(socketpair(AF_UNIX, type, 0, &pair) == 0)
            return (Socket(descriptor: pair[0]), Socket(descriptor: pair[1]))
        }
        let (near, far) = try pair()
        let (nearService, farService) = try pair()
        self.client = far
        self.service = farService
        self.from = Stream(loop: self.loop, socket: near, isConnecting: false)
        self.to = Stream(loop: self.loop, socket: nearService, isConnecting: false)
        self.from.target = self.to
        self.to.source = self.from
        try self.from.start()
        try self.to.start()
        self.loop.turn(wait: false)
    }

    /// Sends `length` bytes from the client, and reads at the service, in steps of at most so many.
    private func transfer(_ length: Int, reading step: Int) -> (bytes: Int, isRight: Bool) {
        var pattern = Pattern(length: length)
        var waiting: [UInt8] = []
        var checked = Pattern(length: length)
        let buffer = ByteBuffer(capacity: step)
        var isRight = true
        let deadline = Date(timeIntervalSinceNow: 20)
        while !checked.isComplete, isRight, Date() < deadline {
            if waiting.isEmpty, !pattern.isComplete { waiting = Array(pattern.next()) }
            if case .bytes(let count) = waiting.withByteView({ self.client.write($0) }) {
                waiting.removeFirst(count)
            }
            self.loop.turn(wait: false)
            buffer.reset()
            if case .bytes(let count) = self.service.read(into: buffer), count > 0 {
                do { try checked.check(buffer.view.bytes[...]) } catch { isRight = false }
            }
        }
        return (checked.place, isRight)
    }

    @Test("Bulk arrives whole and in order, mostly without being shown", arguments: [1 << 20, 10_000])
    func order(step: Int) {
        let (bytes, isRight) = self.transfer(8 << 20, reading: step)
        #expect(isRight)
        #expect(bytes == 8 << 20)
        #expect(self.from.moved + self.from.shown == 8 << 20)
        #expect(self.from.moved > 4 << 20)
    }

    @Test("What is sent besides comes behind what waits in the pipe, and the end behind all")
    func ending() {
        let block = [UInt8](repeating: 0x61, count: 4 << 20)
        var sent = 0
        // Nobody reads: what fits is on its way, the rest waits.
        for _ in 0..<100 {
            if case .bytes(let count) = block.withByteView({ self.client.write($0.dropFirst(sent)) }) {
                sent += count
            }
            self.loop.turn(wait: false)
        }
        #expect(self.to.isWriteBlocked)
        "tail".withByteView { self.to.send($0) }
        self.client.shutdownOutput()
        let buffer = ByteBuffer(capacity: 1 << 20)
        var received: [UInt8] = []
        eventually {
            self.loop.turn(wait: false)
            buffer.reset()
            guard case .bytes(let count) = self.service.read(into: buffer) else { return false }
            received += buffer.view.bytes
            return count == 0
        }
        #expect(received.count == sent + 4)
        #expect(received.filter { $0 == 0x61 }.count == sent + 1)
        #expect(self.from.events == ["ended"])
    }

    @Test("A target that is gone is told of, and the source reads on")
    func brokenTarget() {
        let block = [UInt8](repeating: 0x61, count: 1 << 20)
        _ = block.withByteView { self.client.write($0) }
        self.loop.turn(wait: false)
        self.service.close()
        eventually {
            _ = block.withByteView { self.client.write($0) }
            self.from.resumeReading()
            self.loop.turn(wait: false)
            return !self.to.events.isEmpty
        }
        #expect(
            self.to.events.contains("failed \(EPIPE) writing")
                || self.to.events.contains("failed \(ECONNRESET) writing"))
    }
}
