internal import Filtering
internal import GatewayConfig
internal import Primitives

/// One request and its response under test; records what the script does with them.
final class TestStream: FilterStream {
    /// How a pause ended.
    enum Resumption { case goOn, buffer }

    /// Kept alive with the stream, which refers to it without owning it.
    let home: TestWorker
    var reply: LocalResponse?
    /// Whether an answer may still be given.
    var isResponseStarted = false
    var replacement: [UInt8]?
    var held: [UInt8] = [] { didSet { self.lend() } }
    private let heldBytes = ByteBuffer(capacity: 256)
    var resumption: Resumption?
    var errors = 0
    var routesCleared = 0
    var override: (address: String, isStrict: Bool)?
    var closesConnection = false
    var facts = StreamMetadata()
    var hostFacts = StreamMetadata()
    var attributes: [String: ConfigNode] = [:]
    private let texts = ByteBuffer(capacity: 256)

    init(_ worker: TestWorker) {
        self.home = worker
        super.init(worker: worker)
    }

    private func lend() {
        self.heldBytes.reset()
        self.held.withByteView { self.heldBytes.append($0) }
    }

    override func replaceBody(_ bytes: ByteView) { self.replacement = bytes.bytes }
    override func respond(_ response: LocalResponse) -> Bool {
        if self.reply != nil || self.isResponseStarted { return false }
        self.reply = response
        return true
    }
    override func resume(_ direction: StreamDirection, by slot: Int) { self.resumption = .goOn }
    override func resumeBuffering(_ direction: StreamDirection, by slot: Int) { self.resumption = .buffer }
    override func heldBody(_ direction: StreamDirection, by slot: Int) -> ByteView { self.heldBytes.view }
    override func replaceHeldBody(_ direction: StreamDirection, by slot: Int, _ bytes: ByteView) {
        self.held = bytes.bytes
    }
    override func countError(by slot: Int) { self.errors += 1 }
    override func clearRoute() { self.routesCleared += 1 }
    override func overrideEndpoint(_ address: String, isStrict: Bool) { self.override = (address, isStrict) }
    override func closeConnectionAfterwards() { self.closesConnection = true }
    override var ruleMetadata: StreamMetadata { self.facts }
    override var routeMetadata: StreamMetadata { self.hostFacts }

    /// What the test says, or what follows from the messages.
    override func attribute(_ attribute: Attribute) -> AttributeValue {
        switch attribute {
        case .requestHeader(let name):
            return name.withByteView(self.request.first(named:)).map { .bytes($0) } ?? .none
        case .responseHeader(let name):
            return name.withByteView(self.response.first(named:)).map { .bytes($0) } ?? .none
        case .metadata(let space, let key):
            if case .text(let text) = self.metadata[space, key] { return .bytes(self.lend(text)) }
            return .none
        case .known(let known): return self.value(of: known)
        }
    }

    private func value(of known: KnownAttribute) -> AttributeValue {
        if let given = self.attributes[known.rawValue] {
            switch given.value {
            case .integer(let integer): return .integer(Int64(integer))
            case .string(let text): return .bytes(self.lend(text))
            default: break
            }
        }
        switch known {
        case .requestMethod: return .bytes(self.request.method)
        case .requestPath: return .bytes(self.request.path)
        case .requestHost: return .bytes(self.request.authority)
        case .requestScheme: return .bytes(self.request.scheme)
        case .requestProtocol: return .bytes(ByteView("HTTP/1.1"))
        case .sourceAddress: return .bytes(ByteView("192.0.2.1"))
        case .sourcePort: return .integer(40000)
        case .connectionRemoteAddress: return .bytes(ByteView("192.0.2.1:40000"))
        case .connectionLocalAddress: return .bytes(ByteView("192.0.2.10:8080"))
        case .routeName: return .bytes(ByteView("test"))
        case .responseCode: return self.response.status == 0 ? .none : .integer(Int64(self.response.status))
        default: return .none
        }
    }

    private func lend(_ text: String) -> ByteView {
        self.texts.reset()
        self.texts.append(text)
        return self.texts.view
    }
}
