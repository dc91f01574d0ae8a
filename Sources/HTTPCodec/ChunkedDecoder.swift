internal import Filtering
internal import Primitives

/// The chunked transfer coding (RFC 9112, 7.1), strict about every byte of framing.
///
///     size --";"--> extension --CR--> sizeLF --LF--> data --all--> dataCR --CR--> dataLF --LF--> size
///       '---------------CR-------------^     '--0--> trailers --empty line--> end
struct ChunkedDecoder {
    private enum State {
        case size, chunkExtension, sizeLineFeed, data, dataReturn, dataLineFeed, trailers
    }

    /// The most bytes of extensions in one chunk; they are dropped, so nobody needs more.
    static let extensionLimit = 1024

    private var state = State.size
    private var digits = 0
    private var extensionLength = 0
    private var remaining: UInt64 = 0
    private var limits = HeadLimits()
    private var trailers = TrailerSection()

    init() {}

    init(limits: HeadLimits) { self.limits = limits }

    mutating func next(_ input: ByteView, trailers block: HeaderBlock) -> BodyStep {
        var at = 0
        while at < input.count {
            switch self.state {
            case .data:
                let rest = input.count - at
                let count = self.remaining < UInt64(rest) ? Int(self.remaining) : rest
                self.remaining -= UInt64(count)
                if self.remaining == 0 { self.state = .dataReturn }
                return BodyStep(consumed: at + count, data: input[at..<at + count], isEnd: false, error: nil)
            case .trailers:
                return self.trailers.next(input, from: at, into: block, limits: self.limits)
            default:
                if let error = self.step(input[at]) {
                    return BodyStep(consumed: at, data: input[at..<at], isEnd: false, error: error)
                }
                at += 1
            }
        }
        return BodyStep(consumed: at, data: input[at..<at], isEnd: false, error: nil)
    }

    /// Takes one byte of framing.
    private mutating func step(_ byte: UInt8) -> HTTPError? {
        switch self.state {
        case .size:
            if let digit = ASCII.hexadecimal(byte) {
                // Fifteen digits cannot overflow, and no real chunk needs more.
                guard self.digits < 15 else { return .badChunkSize }
                self.remaining = self.remaining << 4 | UInt64(digit)
                self.digits += 1
                return nil
            }
            guard self.digits > 0 else { return .badChunkSize }
            if byte == ASCII.carriageReturn {
                self.state = .sizeLineFeed
            } else if byte == ASCII.semicolon {
                self.state = .chunkExtension
            } else {
                return .badChunkSize
            }
        case .chunkExtension:
            if byte == ASCII.carriageReturn {
                self.state = .sizeLineFeed
                return nil
            }
            // A bare LF here is where lenient parsers see the line end.
            guard byte >= 0x20 || byte == ASCII.tab, byte != 0x7F else { return .badChunkExtension }
            self.extensionLength += 1
            if self.extensionLength > Self.extensionLimit { return .chunkExtensionTooLong }
        case .sizeLineFeed:
            guard byte == ASCII.lineFeed else { return .badChunkSize }
            self.digits = 0
            self.extensionLength = 0
            self.state = self.remaining == 0 ? .trailers : .data
        case .dataReturn:
            guard byte == ASCII.carriageReturn else { return .badChunkEnding }
            self.state = .dataLineFeed
        case .dataLineFeed:
            guard byte == ASCII.lineFeed else { return .badChunkEnding }
            self.state = .size
        case .data, .trailers: break
        }
        return nil
    }
}
