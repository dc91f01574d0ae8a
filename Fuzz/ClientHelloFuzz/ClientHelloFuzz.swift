internal import CFuzzer
internal import Preamble
internal import Primitives

/// Feeds arbitrary bytes to the reader of ClientHellos and to the protocol detector.
///
/// The first byte is how many come at a time; with the second one odd the rest is a handshake message, which
/// is put into records of as many bytes.
@main
struct ClientHelloFuzz {
    static func main() {
        postern_fuzz(CommandLine.argc, CommandLine.unsafeArgv) { start, count in
            ClientHelloFuzz.run(UnsafeRawBufferPointer(start: start, count: count))
        }
    }

    struct Outcome: Equatable {
        var hello: ClientHelloResult
        var name: [UInt8] = []
        var protocols: [[UInt8]] = []
        var version: UInt16 = 0
        var detected: ProtocolDetector.Outcome
    }

    static func run(_ input: UnsafeRawBufferPointer) {
        guard input.count > 2 else { return }
        let rest = Array(input[2...])
        let bytes = input[1] % 2 == 1 ? self.records(rest, size: Int(input[1])) : rest
        let whole = self.read(bytes, step: bytes.count)
        let pieces = self.read(bytes, step: max(1, Int(input[0])))
        precondition(whole == pieces, "\(whole) but in pieces \(pieces)")
        if whole.hello == .complete { self.expectSound(whole) }
    }

    private static func records(_ message: [UInt8], size: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        for start in stride(from: 0, to: message.count, by: size) {
            let piece = message[start..<min(start + size, message.count)]
            bytes += [22, 3, 1, UInt8(piece.count >> 8), UInt8(piece.count & 0xFF)] + piece
        }
        return bytes
    }

    private static func read(_ bytes: [UInt8], step: Int) -> Outcome {
        var parser = ClientHelloParser(limit: 4096)
        var detector = ProtocolDetector()
        let hello = ClientHello()
        var outcome = Outcome(hello: .incomplete, detected: .needMore)
        var count = 0
        repeat {
            count = min(count + max(step, 1), bytes.count)
            // Memory of its very size, so that the address sanitizer sees any byte read past it.
            let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: count, alignment: 1)
            defer { copy.deallocate() }
            copy.copyBytes(from: bytes[..<count])
            let view = ByteView(UnsafeRawBufferPointer(copy))
            if outcome.hello == .incomplete { outcome.hello = parser.parse(view, into: hello) }
            if outcome.detected == .needMore { outcome.detected = detector.detect(view) }
        } while count < bytes.count
        if outcome.hello == .complete {
            outcome.name = hello.serverName.bytes
            outcome.version = hello.highestVersion
            hello.forEachProtocol { outcome.protocols.append($0.bytes) }
        }
        return outcome
    }

    /// A name is one of a host, and what was read as TLS is also detected as such.
    private static func expectSound(_ outcome: Outcome) {
        precondition(outcome.detected == .tls)
        precondition((0x300...0x304).contains(outcome.version))
        precondition(outcome.name.count <= 255 && outcome.name.last != 0x2E && outcome.name.first != 0x2E)
        precondition(outcome.name.allSatisfy { $0 > 0x20 && $0 < 0x7F && !(0x41...0x5A).contains($0) })
        precondition(outcome.protocols.allSatisfy { (1...255).contains($0.count) })
    }
}
