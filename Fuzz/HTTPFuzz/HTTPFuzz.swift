internal import CFuzzer
internal import Glibc
internal import HTTPCodec
internal import Primitives

/// Feeds arbitrary bytes to the HTTP/1.1 codec.
///
/// The first byte says what the rest is: `q` a request, `p` a response, anything else a chunked body.
@main
enum HTTPFuzz {
    static func main() {
        var argumentCount = CommandLine.argc
        var arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = CommandLine.unsafeArgv
        withUnsafeMutablePointer(to: &arguments) { pointer in
            pointer.withMemoryRebound(
                to: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?.self, capacity: 1
            ) {
                _ = LLVMFuzzerRunDriver(&argumentCount, $0) { start, count in
                    guard let start, count > 0 else { return 0 }
                    // SAFETY: the bytes live until this call returns, and no fuzzer keeps the view.
                    HTTPFuzz.run(ByteView(base: UnsafeRawPointer(start), count: count))
                    return 0
                }
            }
        }
    }

    static func run(_ input: ByteView) {
        let rest = input[1..<input.count]
        switch input[0] {
        case 0x71: RequestFuzzer.run(rest)
        case 0x70: ResponseFuzzer.run(rest)
        default: ChunkedFuzzer.run(rest)
        }
    }

    /// Whether both take the same bytes, or both refuse; which of several faults is named first may differ.
    static func agree(_ one: HeadResult, _ other: HeadResult) -> Bool {
        if case .failed = one, case .failed = other { return true }
        return one == other
    }

    /// Ends the process, so that libFuzzer keeps the input.
    static func found(_ what: String) -> Never {
        print(what)
        fflush(nil)
        abort()
    }
}
