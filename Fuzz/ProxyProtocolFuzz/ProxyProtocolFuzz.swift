internal import CFuzzer
internal import Preamble
internal import Primitives

/// Feeds arbitrary bytes to the reader of PROXY headers; the first byte is how many come at a time.
@main
struct ProxyProtocolFuzz {
    static func main() {
        postern_fuzz(CommandLine.argc, CommandLine.unsafeArgv) { start, count in
            ProxyProtocolFuzz.run(UnsafeRawBufferPointer(start: start, count: count))
        }
    }

    static func run(_ input: UnsafeRawBufferPointer) {
        guard input.count > 1 else { return }
        let bytes = Array(input[1...])
        let whole = self.read(bytes)
        var pieces = ProxyHeaderResult.incomplete
        var count = 0
        while pieces == .incomplete, count < bytes.count {
            count = min(count + max(1, Int(input[0])), bytes.count)
            pieces = self.read(Array(bytes[..<count]))
        }
        precondition(whole == pieces, "\(whole) but in pieces \(pieces)")
        guard case .complete(let header, let taken) = whole else { return }
        precondition(taken <= bytes.count && taken <= ProxyHeader.limit)
        for version in [ProxyHeader.Version.one, .two] { self.expectSame(header, version) }
    }

    private static func read(_ bytes: [UInt8]) -> ProxyHeaderResult {
        // Memory of its very size, so that the address sanitizer sees any byte read past it.
        let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 1)
        defer { copy.deallocate() }
        copy.copyBytes(from: bytes)
        return ProxyHeader.read(ByteView(UnsafeRawBufferPointer(copy)))
    }

    private static func expectSame(_ header: ProxyHeader, _ version: ProxyHeader.Version) {
        let written = ByteBuffer(capacity: 16)
        header.write(version, to: written)
        // Paths are not kept: neither version says more of a Unix socket than that the client is unknown.
        let expected = header.ends == .unix ? ProxyHeader(.own) : header
        let again = self.read(written.view.bytes)
        precondition(again == .complete(expected, bytes: written.count), "\(again)")
    }
}
