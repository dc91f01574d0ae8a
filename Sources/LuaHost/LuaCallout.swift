internal import Filtering
internal import Primitives

/// A request to a service while a script puts it together.
struct LuaCallout {
    let service: String
    let head: HeaderBlock

    init(service: String) {
        self.service = service
        self.head = HeaderBlock(capacity: 512)
        _ = self.head.set(ByteView(":scheme"), ByteView("http"))
    }

    /// Several values of a name become several fields; framing is the host's business.
    func add(_ name: ByteView, _ value: ByteView) -> HeaderEdit {
        if !name.isEmpty, name[0] == 0x3A { return self.head.set(name, value) }
        switch HeaderID.of(name) {
        case .contentLength, .transferEncoding, .connection: return .done
        case .host: return self.head.set(ByteView(":authority"), value)
        default: return self.head.add(name, value)
        }
    }
}

/// What a script is shown of a service's answer.
struct LuaAnswer {
    let head: HeaderBlock
    let body: ByteView

    /// The status and words that Envoy makes up when there is no answer.
    static func made(for failure: CalloutFailure) -> (head: HeaderBlock, body: String) {
        let head = HeaderBlock(capacity: 16)
        head.status = failure == .timedOut ? 504 : 503
        let reason =
            switch failure {
            case .timedOut: ""
            case .overflow: "overflow"
            case .unreachable: "connection failure"
            case .reset, .badAnswer, .tooLarge: "connection termination"
            }
        if reason.isEmpty { return (head, "upstream request timeout") }
        return (head, "upstream connect error or disconnect/reset before headers. reset reason: \(reason)")
    }
}
