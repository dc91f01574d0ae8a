import Testing

@testable import Reactor

@Suite struct HandshakeQueueTests {
    @Test("A stream that has left the queue is not kept by it, whatever still waits")
    func letsGo() throws {
        let loop = try EventLoop()
        var queue = HandshakeQueue()
        weak var gone: SocketStream?
        do {
            let stream = SocketStream(loop: loop, socket: Socket(descriptor: -1), isConnecting: false)
            gone = stream
            queue.append(stream)
        }
        let waits = SocketStream(loop: loop, socket: Socket(descriptor: -1), isConnecting: false)
        queue.append(waits)
        queue.append(waits)
        #expect(gone != nil)
        #expect(queue.removeFirst() === gone)
        #expect(gone == nil)
        #expect(queue.removeFirst() === waits && queue.isEmpty && queue.removeFirst() == nil)
    }
}
