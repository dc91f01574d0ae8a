internal import CCares
internal import Primitives

/// Asks servers of the domain name system, through c-ares, in a loop; for the loop's thread only.
///
/// A lost packet costs a second: each server is asked up to four times, with twice the patience each time.
public final class DNSClient: EventHandler {
    /// How long the first answer of a server is waited for, in milliseconds.
    private static let firstPatience: Int32 = 1000
    private static let tries: Int32 = 4

    private struct Question {
        let family: AddressFamily
        let then: (DNSAnswer) -> Void
    }

    private let loop: EventLoop
    // SAFETY: made in init, nil once `close` has freed it; c-ares calls back on the loop's thread only.
    private var resolver: OpaquePointer?
    private var sockets: [Int32: DNSSocket] = [:]
    private var questions: [UInt64: Question] = [:]
    private var asked: UInt64 = 0
    /// Answers that are told when c-ares is no longer on the stack: whoever hears one may ask again or close.
    private var answers: [(question: UInt64, answer: DNSAnswer)] = []
    private lazy var timer = DeadlineTimer(owner: self)

    /// Domains that a name without a dot at its end is tried in, from the resolver's file.
    public let searchDomains: [String]
    /// A name with at least so many dots is tried as it is before it is tried in a domain.
    public let dots: Int

    /// - Parameters:
    ///   - servers: In the order in which they are asked; empty: those that the file names.
    ///   - path: A file in the form of `/etc/resolv.conf`, read now.
    /// - Throws: ``DNSClientError``.
    public init(loop: EventLoop, servers: [SocketAddress], resolverFile path: String) throws {
        self.loop = loop
        var problem: UnsafePointer<CChar>?
        var events = postern_dns_events()
        let box = Box()
        // SAFETY: the client, which outlives the resolver, holds the box.
        events.context = Unmanaged.passUnretained(box).toOpaque()
        events.interest = { Box.of($0)?.interest($1, readable: $2 != 0, writable: $3 != 0) }
        events.answered = { Box.of($0)?.answered($1, $2, $3, $4, $5) }
        let list = servers.map(\.description).joined(separator: ",")
        let resolver =
            servers.isEmpty
            ? postern_dns_open(nil, path, Self.firstPatience, Self.tries, events, &problem)
            : postern_dns_open(list, path, Self.firstPatience, Self.tries, events, &problem)
        guard let resolver else {
            // SAFETY: a text that lives for ever, as the header says.
            throw DNSClientError(reason: problem.map { String(cString: $0) } ?? "no memory")
        }
        var domains: [String] = []
        while let domain = postern_dns_search_domain(resolver, Int32(domains.count)) {
            // SAFETY: lives as long as the resolver, ends with NUL.
            domains.append(String(cString: domain))
        }
        self.searchDomains = domains
        self.dots = Int(postern_dns_dots(resolver))
        self.box = box
        self.resolver = resolver
        super.init()
        box.client = self
    }

    deinit {
        // c-ares finds no client any more to tell that it closes them.
        for (descriptor, socket) in self.sockets {
            self.loop.deregister(descriptor)
            self.loop.retire(socket)
        }
        self.close()
    }

    /// Asks for the addresses of exactly `name`; `then` is called in a later turn, or never once the
    /// client is closed.
    public func ask(_ name: String, _ family: AddressFamily, _ then: @escaping (DNSAnswer) -> Void) {
        guard let resolver = self.resolver else { return }
        self.asked += 1
        self.questions[self.asked] = Question(family: family, then: then)
        postern_dns_ask(resolver, name, family == .ipv6 ? 1 : 0, self.asked)
        self.setTimer()
    }

    /// Gives up every question.
    public func close() {
        guard let resolver = self.resolver else { return }
        self.resolver = nil
        self.questions = [:]
        self.answers = []
        self.loop.timers.remove(self.timer)
        postern_dns_close(resolver)
    }

    fileprivate func process(readable: Int32, writable: Int32) {
        guard let resolver = self.resolver else { return }
        postern_dns_process(resolver, readable, writable)
        self.setTimer()
    }

    public override func timerFired(_ timer: DeadlineTimer) { self.process(readable: -1, writable: -1) }

    public override func proceed() {
        let answers = self.answers
        self.answers = []
        for (question, answer) in answers { self.questions.removeValue(forKey: question)?.then(answer) }
    }

    private func setTimer() {
        guard let resolver = self.resolver else { return }
        let wait = postern_dns_wait_ms(resolver)
        guard wait >= 0 else { return self.loop.timers.cancel(self.timer) }
        self.loop.timers.set(
            self.timer, at: self.loop.now.advanced(byNanoseconds: UInt64(wait) * 1_000_000))
    }

    // MARK: Calls of c-ares

    /// What c-ares knows of the client.
    private let box: Box

    private final class Box {
        weak var client: DNSClient?

        static func of(_ context: UnsafeMutableRawPointer?) -> DNSClient? {
            // SAFETY: the box that `init` passed, which the client holds for as long as the resolver lives.
            context.flatMap { Unmanaged<Box>.fromOpaque($0).takeUnretainedValue().client }
        }
    }

    private func interest(_ descriptor: Int32, readable: Bool, writable: Bool) {
        let known = self.sockets[descriptor]
        guard readable || writable else {
            guard let known else { return }
            self.sockets[descriptor] = nil
            known.client = nil
            self.loop.deregister(descriptor)
            return self.loop.retire(known)
        }
        let socket = known ?? DNSSocket(self, descriptor)
        self.sockets[descriptor] = socket
        // A descriptor that cannot be watched answers nothing, and the question runs out of time.
        try? self.loop.watch(
            descriptor, socket, readable: readable, writable: writable, isKnown: known != nil)
    }

    private func answered(
        _ question: UInt64, _ result: Int32, _ reason: UnsafePointer<CChar>?,
        _ addresses: UnsafePointer<postern_dns_address>?, _ count: Int
    ) {
        switch result {
        case Int32(POSTERN_DNS_CANCELLED): return
        case Int32(POSTERN_DNS_NO_NAME): self.answers.append((question, .noName))
        case Int32(POSTERN_DNS_NO_DATA): self.answers.append((question, .noData))
        case Int32(POSTERN_DNS_FOUND):
            // SAFETY: `count` addresses, until this returns.
            let all = UnsafeBufferPointer(start: addresses, count: count)
            self.answers.append(
                (question, self.found(all, isIPv6: self.questions[question]?.family == .ipv6)))
        default:
            // SAFETY: a text that lives for ever, as the header says.
            self.answers.append((question, .failed(reason.map { String(cString: $0) } ?? "failed")))
        }
        self.loop.proceedSoon(self)
    }

    private func found(_ all: UnsafeBufferPointer<postern_dns_address>, isIPv6: Bool) -> DNSAnswer {
        var seen: Set<HostAddress> = []
        var addresses: [HostAddress] = []
        var ttl = UInt32.max
        for entry in all {
            // SAFETY: reads the bytes of a value of a trivial type.
            let bytes = withUnsafeBytes(of: entry.bytes) { Array($0.prefix(isIPv6 ? 16 : 4)) }
            ttl = min(ttl, entry.ttl_s)
            guard let address = HostAddress(bytes: bytes), seen.insert(address).inserted else { continue }
            addresses.append(address)
        }
        return .found(addresses, ttl: ttl)
    }
}

/// A socket of c-ares in the loop.
private final class DNSSocket: EventHandler {
    weak var client: DNSClient?
    private let descriptor: Int32

    init(_ client: DNSClient, _ descriptor: Int32) {
        self.client = client
        self.descriptor = descriptor
    }

    override func ready(_ events: ReadyEvents) {
        let hasFailed = !events.isDisjoint(with: .failure)
        self.client?.process(
            readable: events.contains(.readable) || hasFailed ? self.descriptor : -1,
            writable: events.contains(.writable) || hasFailed ? self.descriptor : -1
        )
    }
}
