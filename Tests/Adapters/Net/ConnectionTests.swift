import Foundation
import PluginNet
import TestSupport
import Testing

@Suite(.ownThread) struct ConnectionTests {
    let soon = Deadline(in: .seconds(20))

    func code(_ body: () throws -> Void) -> NetError.Code? {
        do {
            try body()
            return nil
        } catch { return (error as? NetError)?.code }
    }

    func echo(at address: String = "127.0.0.1:0") throws -> RawBackend {
        let backend = try RawBackend(at: address)
        backend.onConnection { connection in
            while case let bytes = try connection.readSome(), !bytes.isEmpty { try connection.send(bytes) }
        }
        return backend
    }

    @Test("Bytes go there and back over TCP and Unix sockets, however many", arguments: [true, false])
    func echoes(isUnix: Bool) throws {
        let folder = try TemporaryFolder()
        let backend = try self.echo(at: isUnix ? "unix:\(folder.file("s").path)" : "127.0.0.1:0")
        let connection = try Connection(to: try #require(BackendAddress(backend.address)), until: self.soon)
        let sent = (0..<100_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        try connection.write(sent, until: self.soon)
        var got: [UInt8] = []
        while got.count < sent.count { #expect(try connection.read(into: &got, until: self.soon) > 0) }
        #expect(got == sent)
        #expect(connection.isQuiet)
    }

    @Test("Nobody there, a name without an address, and silence are told apart")
    func failures() throws {
        let refusing = try DeadEnd.refusing()
        let address = try #require(BackendAddress(refusing.address))
        #expect(self.code { _ = try Connection(to: address, until: self.soon) } == .notConnected)
        let nameless = BackendAddress(host: "nobody.invalid", port: 1)
        #expect(self.code { _ = try Connection(to: nameless, until: self.soon) } == .noAddress)

        let backend = try RawBackend()
        backend.onConnection { connection in _ = try connection.readSome() }
        let connection = try Connection(to: try #require(BackendAddress(backend.address)), until: self.soon)
        var buffer: [UInt8] = []
        let early = Deadline(in: .milliseconds(50))
        #expect(self.code { _ = try connection.read(into: &buffer, until: early) } == .timedOut)
        #expect(connection.isQuiet)
        try connection.write([1], until: self.soon)
        #expect(try connection.read(into: &buffer, until: self.soon) == 0)
        #expect(!connection.isQuiet)
    }

    @Test("A peer that does not read makes a write time out, and one that is gone makes it fail")
    func stuck() throws {
        let gate = Gate()
        let backend = try RawBackend()
        backend.onConnection { _ in try gate.wait() }
        let connection = try Connection(to: try #require(BackendAddress(backend.address)), until: self.soon)
        let much = [UInt8](repeating: 1, count: 64 << 20)
        #expect(
            self.code { try connection.write(much, until: Deadline(in: .milliseconds(100))) } == .timedOut)
        gate.open()
        let isOver = eventually { backend.connections.allSatisfy(\.isOver) }
        #expect(isOver)
        #expect(self.code { try connection.write(much, until: self.soon) } == .closed)
    }
}
