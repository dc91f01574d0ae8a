internal import Filtering
internal import Primitives

/// Where a request stands in a trace: its own span, made here, below the one that the client told.
///
/// W3C's `traceparent` comes before B3's fields; what came is what goes on, with our span in it. Used again
/// for one request after the other.
final class TraceContext {
    /// 32 digits of the trace, 16 of our span, 16 of the client's, if any.
    private let text = ByteBuffer(capacity: 96)
    private var hasParent = false

    var traceID: ByteView { self.text.view(at: 0, 32) }
    var spanID: ByteView { self.text.view(at: 32, 16) }
    /// Empty when the trace begins here.
    var parentID: ByteView { self.hasParent ? self.text.view(at: 48, 16) : .empty }

    private static let zeros = ByteView("00000000000000000000000000000000")

    /// Reads what the client sent, and makes our span of it the parent of what the service does.
    func begin(_ request: HeaderBlock, random: inout RandomSource, scratch: ByteBuffer) {
        self.text.reset()
        self.hasParent = false
        if let parent = request.first(.traceparent), Self.isTraceParent(parent) {
            self.join(parent[3..<35], parent: parent[36..<52], &random)
            // Version and flags stay; what a later version has behind them is not ours to pass on.
            scratch.reset()
            scratch.append(ByteView("00-"))
            scratch.append(self.traceID)
            scratch.append(0x2D)
            scratch.append(self.spanID)
            scratch.append(parent[52..<55])
            request.set(.traceparent, scratch.view)
        } else if let trace = request.first(named: ByteView("x-b3-traceid")), Self.isHexadecimal(trace),
            trace.count == 16 || trace.count == 32,
            let parent = request.first(named: ByteView("x-b3-spanid")), parent.count == 16,
            Self.isHexadecimal(parent)
        {
            self.join(trace, parent: parent, &random)
            _ = request.set(ByteView("x-b3-parentspanid"), self.parentID)
            _ = request.set(ByteView("x-b3-spanid"), self.spanID)
        } else {
            self.text.appendHexadecimal(random.next(), digits: 16)
            self.text.appendHexadecimal(random.next() | 1, digits: 16)
            self.text.appendHexadecimal(random.next() | 1, digits: 16)
            scratch.reset()
            scratch.append(ByteView("00-"))
            scratch.append(self.traceID)
            scratch.append(0x2D)
            scratch.append(self.spanID)
            scratch.append(ByteView("-01"))
            request.set(.traceparent, scratch.view)
        }
    }

    private func join(_ trace: ByteView, parent: ByteView, _ random: inout RandomSource) {
        if trace.count == 16 { self.text.append(Self.zeros[0..<16]) }
        self.text.append(trace)
        self.text.appendHexadecimal(random.next() | 1, digits: 16)
        self.text.append(parent)
        self.hasParent = true
    }

    /// `00-` 32 digits `-` 16 digits `-` 2 digits (W3C Trace Context, 3.2); identifiers are not all zeros.
    private static func isTraceParent(_ text: ByteView) -> Bool {
        guard text.count >= 55, text[2] == 0x2D, text[35] == 0x2D, text[52] == 0x2D,
            text.count == 55 || text[55] == 0x2D, !(text[0] == 0x66 && text[1] == 0x66)
        else { return false }
        let (trace, parent) = (text[3..<35], text[36..<52])
        return Self.isHexadecimal(text[0..<2]) && Self.isHexadecimal(trace) && Self.isHexadecimal(parent)
            && Self.isHexadecimal(text[53..<55]) && !(trace == Self.zeros) && !(parent == Self.zeros[0..<16])
    }

    private static func isHexadecimal(_ text: ByteView) -> Bool {
        for index in 0..<text.count {
            let byte = text[index]
            guard byte &- 0x30 < 10 || byte &- 0x61 < 6 else { return false }
        }
        return true
    }
}
