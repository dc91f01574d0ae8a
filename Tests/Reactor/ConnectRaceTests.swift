import Foundation
import Primitives
import Reactor
import TestSupport
import Testing

/// One stream and several addresses (RFC 8305).
@Suite(.ownThread) struct ConnectRaceTests {
    private final class Stream: SocketStream {
        var events: [String] = []

        override func received(_ bytes: ByteView) -> Int {
            self.events.append(bytes.string)
            return bytes.count
        }
        override func connected() {
            self.events.append("connected to \(self.socket.remoteAddress?.description ?? "nobody")")
        }
        override func failed(_ code: Int32, whileWriting: Bool) {
            self.events.append("failed \(code)")
            self.close()
        }
    }

    private let loop: EventLoop

    init() throws { self.loop = try EventLoop() }

    private func connect(_ addresses: [String]) throws -> Stream {
        let all = try addresses.map { try #require(SocketAddress(parsing: $0)) }
        let (socket, others) = try Socket.connect(toFirstOf: all)
        let stream = Stream(loop: self.loop, socket: socket, isConnecting: true)
        try stream.start()
        stream.race(others)
        return stream
    }

    private func run(until condition: () -> Bool) {
        #expect(
            eventually {
                self.loop.turn(wait: false)
                return condition()
            })
    }

    @Test("The first address has the connection when it takes it, and no other is tried")
    func first() throws {
        let backends = try [RawBackend("one"), RawBackend("two")]
        let stream = try self.connect(backends.map(\.address))
        self.run { !stream.events.isEmpty }
        #expect(stream.events == ["connected to \(backends[0].address)"])
        self.run { backends[0].connections.count == 1 }
        #expect(backends[1].connections.isEmpty)
        stream.close()
    }

    @Test("When the first is silent the second has it, with what was sent before anybody was connected")
    func silent() throws {
        let backend = try RawBackend("two")
        let silent = try DeadEnd.silent()
        let stream = try self.connect([silent.address, backend.address])
        "GET / HTTP/1.1\r\nHost: a\r\n\r\n".withByteView { stream.send($0) }
        self.run { stream.events.count == 2 }
        try #require(stream.events.count == 2)
        #expect(stream.events[0] == "connected to \(backend.address)")
        #expect(stream.events[1].hasSuffix("\r\n\r\ntwo"))
        #expect(stream.isClosed == false)
        stream.close()
    }

    @Test("A first that is refused is passed over, and so is every other until one takes it")
    func refused() throws {
        let backend = try RawBackend("three")
        let ends = try [DeadEnd.refusing(), DeadEnd.refusing()]
        let stream = try self.connect(ends.map(\.address) + [backend.address])
        self.run { !stream.events.isEmpty }
        #expect(stream.events == ["connected to \(backend.address)"])
        stream.close()
    }

    @Test("The connection has failed once, when the last address has")
    func allRefused() throws {
        let ends = try [DeadEnd.refusing(), DeadEnd.refusing(), DeadEnd.refusing()]
        let stream = try self.connect(ends.map(\.address))
        self.run { stream.isClosed }
        for _ in 0..<20 { self.loop.turn(wait: false) }
        #expect(stream.events == ["failed \(ECONNREFUSED)"])
    }

    @Test("An address to which there is no way at all is passed over before anything is waited for")
    func noWay() throws {
        let backend = try RawBackend("one")
        let nowhere = "unix:/nowhere/at/all"
        let stream = try self.connect([nowhere, backend.address])
        self.run { !stream.events.isEmpty }
        #expect(stream.events == ["connected to \(backend.address)"])
        stream.close()
        #expect(throws: SocketError.self) { _ = try self.connect([nowhere, nowhere]) }
        let refusing = try DeadEnd.refusing()
        let late = try self.connect([refusing.address, nowhere])
        self.run { late.isClosed }
        #expect(late.events == ["failed \(ECONNREFUSED)"])
    }

    @Test("A stream that is closed while it races goes, and hears nothing more")
    func closing() throws {
        let ends = try [DeadEnd.silent(), DeadEnd.silent()]
        weak var gone: Stream?
        try {
            let stream = try self.connect(ends.map(\.address))
            gone = stream
            stream.close()
            #expect(stream.events.isEmpty)
        }()
        self.loop.turn(wait: false)
        #expect(gone == nil)
    }
}
