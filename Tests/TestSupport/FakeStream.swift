public import Filtering
public import Primitives

/// A stream that records what a filter did with it.
///
/// Fill ``FilterStream/request`` and the other blocks with ``setHead(_:method:path:fields:)`` and call the
/// filter's hooks yourself; nothing here drives a chain.
public final class FakeStream: FilterStream {
    /// Kept alive with the stream, because `FilterStream.worker` is unowned.
    public let fakeWorker: FakeWorker
    /// Answers given by filters, in order.
    public private(set) var responses: [LocalResponse] = []
    /// What ``respond(_:)`` returns; a refused answer is not recorded.
    public var acceptsResponse = true
    public private(set) var resumed: [(direction: StreamDirection, slot: Int)] = []
    /// What filters put in the place of the body they were shown, in order.
    public private(set) var replacedBodies: [[UInt8]] = []
    public private(set) var bodyChangesAnnounced: [StreamDirection] = []
    public private(set) var routesCleared = 0
    /// Slots that reported an error and carried on.
    public private(set) var errors: [Int] = []
    /// Texts of attributes; those of headers are looked up in the blocks.
    public var texts: [KnownAttribute: String] = [:]
    public var integers: [KnownAttribute: Int64] = [:]
    /// What the configuration says about rule and route.
    public var metadataOfRule = StreamMetadata()
    public var metadataOfRoute = StreamMetadata()
    public private(set) var overrides: [(address: String, isStrict: Bool)] = []
    public private(set) var closesConnection = false
    public private(set) var resumedBuffering: [(direction: StreamDirection, slot: Int)] = []
    /// Body behind a pause.
    public var held: [UInt8] = [] {
        didSet { self.heldBytes.reset(); self.held.withByteView(self.heldBytes.append) }
    }
    private let heldBytes = ByteBuffer(capacity: 64)
    private let arena = ByteBuffer(capacity: 4096)

    public init(worker: FakeWorker = FakeWorker()) {
        self.fakeWorker = worker
        super.init(worker: worker)
    }

    /// Replaces a request's head; `fields` may repeat names.
    public func setRequest(
        method: String = "GET", path: String = "/", authority: String = "example.com",
        _ fields: [(String, String)] = []
    ) {
        self.request.reset()
        self.request.setMethod(method.withByteView(self.request.copy))
        self.request.setPath(path.withByteView(self.request.copy))
        self.request.setAuthority(authority.withByteView(self.request.copy))
        self.request.setScheme("http".withByteView(self.request.copy))
        self.add(fields, to: self.request)
    }

    /// Replaces a response's head.
    public func setResponse(status: Int = 200, _ fields: [(String, String)] = []) {
        self.response.reset()
        self.response.status = status
        self.add(fields, to: self.response)
    }

    /// Adds fields to one of the four blocks.
    public func add(_ fields: [(String, String)], to block: HeaderBlock) {
        for (name, value) in fields {
            _ = name.withByteView { name in value.withByteView { block.add(name, $0) } }
        }
    }

    /// Lends `bytes` as the body for one call of a body hook.
    public func withBody<Result>(_ bytes: [UInt8], _ body: () -> Result) -> Result {
        bytes.withByteView {
            self.body = $0
            defer { self.body = .empty }
            return body()
        }
    }

    public override func replaceBody(_ bytes: ByteView) { self.replacedBodies.append(bytes.bytes) }
    public override func willChangeBody(_ direction: StreamDirection) {
        self.bodyChangesAnnounced.append(direction)
    }
    public override var ruleMetadata: StreamMetadata { self.metadataOfRule }
    public override var routeMetadata: StreamMetadata { self.metadataOfRoute }
    public override func overrideEndpoint(_ address: String, isStrict: Bool) {
        self.overrides.append((address, isStrict))
    }
    public override func closeConnectionAfterwards() { self.closesConnection = true }
    public override func resumeBuffering(_ direction: StreamDirection, by slot: Int) {
        self.resumedBuffering.append((direction, slot))
    }
    public override func heldBody(_ direction: StreamDirection, by slot: Int) -> ByteView {
        self.heldBytes.view
    }
    public override func replaceHeldBody(_ direction: StreamDirection, by slot: Int, _ bytes: ByteView) {
        self.held = bytes.bytes
    }
    public override func clearRoute() { self.routesCleared += 1 }
    public override func countError(by slot: Int) { self.errors.append(slot) }

    public override func respond(_ response: LocalResponse) -> Bool {
        guard self.acceptsResponse else { return false }
        self.responses.append(response)
        return true
    }

    public override func resume(_ direction: StreamDirection, by slot: Int) {
        self.resumed.append((direction, slot))
    }

    public override func attribute(_ attribute: Attribute) -> AttributeValue {
        switch attribute {
        case .known(let known):
            if let integer = self.integers[known] { return .integer(integer) }
            guard let text = self.texts[known] else { return .none }
            let start = self.arena.writeIndex
            self.arena.append(text)
            return .bytes(self.arena.view(at: start, self.arena.writeIndex - start))
        case .metadata(let space, let key):
            guard case .text(let text) = self.metadata[space, key] else { return .none }
            let start = self.arena.writeIndex
            self.arena.append(text)
            return .bytes(self.arena.view(at: start, self.arena.writeIndex - start))
        case .requestHeader(let name): return Self.field(name, of: self.request)
        case .responseHeader(let name): return Self.field(name, of: self.response)
        }
    }

    private static func field(_ name: String, of block: HeaderBlock) -> AttributeValue {
        guard let value = name.withByteView(block.first(named:)) else { return .none }
        return .bytes(value)
    }
}

/// Reads a block as pairs, in order, for comparison.
extension HeaderBlock {
    public var pairs: [[String]] {
        (0..<self.count).map { [self.name(self[$0]).string, self.value(self[$0]).string] }
    }
}
