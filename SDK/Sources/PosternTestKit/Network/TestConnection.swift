public import PosternSDK

/// One connection past one network filter.
///
/// The filter's hooks run as a gateway calls them: what it keeps is shown again with more behind it, a pause
/// holds a direction, and no service is asked before it lets that happen.
///
///     let filter = try host.configure(Guard.self, #"{ "beginnings": ["PING"] }"#)
///     let connection = filter.connect()
///     connection.send("PI")
///     #expect(connection.actions.last == .more)
///     connection.send("NG")
///     #expect(connection.received(by: .service) == "PING")
public final class TestConnection {
    /// An end of the connection.
    public enum Side: Sendable, Hashable {
        /// Who has connected.
        case client
        /// Who the connection is passed on to.
        case service

        /// The way of what this side sends.
        var way: StreamDirection { self == .client ? .request : .response }
        /// The way of what this side gets.
        var inwards: StreamDirection { self == .client ? .response : .request }
    }

    /// What has become of one direction.
    private struct Way {
        var held: [UInt8] = []
        var passed: [UInt8] = []
        var isPaused = false
        /// The sender has ended, behind what is held.
        var hasEnd = false
        /// That end was passed on.
        var isEnded = false
        /// The filter has not been shown what is held.
        var isUnseen = false
    }

    /// The most that a filter may ask to see again.
    private static let holdLimit = 64 << 10

    let filter: TestNetworkFilter
    let stream: TestExchange
    private var ways = [Way(), Way()]
    private var isWaiting = false
    private var closeDetails: String?
    private var resumed: [StreamDirection] = []

    /// What each hook has returned, in order.
    public private(set) var actions: [NetworkAction] = []
    /// The filter has let a service be asked.
    public private(set) var isServiceAsked = false
    /// The service that the filter has chosen in place of the rule's.
    public private(set) var service: String?
    /// Why the connection is over, as in the access log; nil while it is not, or when an end closed it.
    public private(set) var details: String?
    /// It is over because the filter failed.
    public private(set) var isReset = false
    /// The connection is over, and the filter's state gone.
    public private(set) var isOver = false

    init(_ filter: TestNetworkFilter, _ attributes: [String: String]) {
        self.filter = filter
        self.stream = TestExchange(filter.base, TestRequest())
        self.stream.attributes = attributes
        self.stream.connection = self
    }

    deinit { self.end() }

    /// All bytes that a side has got, the filter's own among them.
    public func bytes(receivedBy side: Side) -> [UInt8] { self[side.inwards].passed }

    /// The same as a text.
    public func received(by side: Side) -> String {
        String(decoding: self.bytes(receivedBy: side), as: UTF8.self)
    }

    /// Whether a side has been told that the other sends nothing more.
    public func isEnded(for side: Side) -> Bool { self[side.inwards].isEnded }

    /// Whether the filter reads nothing more of a side.
    public func isPaused(_ side: Side) -> Bool { self[side.way].isPaused }

    // MARK: What both sides do

    /// A side sends bytes; with `end` they are its last.
    ///
    /// - Returns: false when it cannot: it has ended, no service is there yet, or the connection is over.
    @discardableResult
    public func send(_ bytes: [UInt8], from side: Side = .client, end: Bool = false) -> Bool {
        let way = side.way
        guard !self.isOver, !self[way].hasEnd, side == .client || self.isServiceAsked else { return false }
        self[way].hasEnd = end
        if self[way].isPaused {
            self[way].held += bytes
        } else {
            let held = self[way].held
            self[way].held = []
            self.show(way, held + bytes)
        }
        self.settle()
        return true
    }

    /// As ``send(_:from:end:)-([UInt8],_,_)`` with a text.
    @discardableResult
    public func send(_ text: String, from side: Side = .client, end: Bool = false) -> Bool {
        self.send(Array(text.utf8), from: side, end: end)
    }

    /// The connection breaks off.
    public func abort() { self.end() }

    // MARK: Hooks

    func start() {
        self.filter.open(self)
        let action = self.call { self.filter.newConnection(self) }
        switch action {
        case .continue: self.isServiceAsked = true
        case .more: self.isWaiting = true
        case .pause:
            self.isWaiting = true
            self[.request].isPaused = true
            self[.request].isUnseen = true
        case .close: self.closeDetails = self.closeDetails ?? "network_filter_closed"
        default: return self.fail()
        }
        self.settle()
    }

    private func show(_ way: StreamDirection, _ bytes: [UInt8]) {
        let isEnd = self[way].hasEnd
        self.stream.body = bytes
        let action = self.call { self.filter.data(self, way, end: isEnd) }
        self.stream.body = nil
        let replacement = self.stream.replacement
        self.stream.replacement = nil
        switch action {
        case .more where !isEnd:
            if bytes.count >= Self.holdLimit { return self.closeDetails = "network_filter_wants_too_much" }
            self[way].held = bytes
        case .pause:
            self[way].isPaused = true
            self[way].held = replacement ?? bytes
        case .close: self.closeDetails = self.closeDetails ?? "network_filter_closed"
        case .continue, .more: if self.closeDetails == nil { self.pass(way, replacement ?? bytes) }
        default: self.fail()
        }
    }

    private func call(_ hook: () -> NetworkAction) -> NetworkAction {
        let action = hook()
        self.stream.memory.forgetLent()
        self.actions.append(action)
        return action
    }

    private func pass(_ way: StreamDirection, _ bytes: [UInt8]) {
        if way == .request { self.letGoOn() }
        self[way].passed += bytes
        self[way].isEnded = self[way].hasEnd
    }

    /// The filter waits no longer before a service is asked.
    private func letGoOn() {
        self.isWaiting = false
        self.isServiceAsked = true
    }

    private func fail() {
        self.isReset = true
        self.details = "filter_failed"
        self.end()
    }

    /// Does what hooks have asked for, once they have returned.
    func settle() {
        if self.isOver { return }
        while self.closeDetails == nil, !self.resumed.isEmpty {
            self.goOn(self.resumed.removeFirst())
            if self.isOver { return }
        }
        if let details = self.closeDetails {
            self.details = details
            self.end()
        } else if self[.request].isEnded, self[.response].isEnded {
            self.end()
        }
    }

    private func goOn(_ way: StreamDirection) {
        if way == .request, self.isWaiting { self.letGoOn() }
        guard self[way].isPaused else { return }
        let bytes = self[way].held
        let isUnseen = self[way].isUnseen
        self[way].held = []
        self[way].isPaused = false
        self[way].isUnseen = false
        if bytes.isEmpty, !self[way].hasEnd { return }
        if isUnseen { self.show(way, bytes) } else { self.pass(way, bytes) }
    }

    private func end() {
        if self.isOver { return }
        self.isOver = true
        self.filter.close(self)
        self.stream.connection = nil
        self.stream.abort()
    }

    // MARK: For the filter

    func resume(_ way: StreamDirection) { self.resumed.append(way) }

    func close(_ details: String) {
        self.closeDetails = details.isEmpty ? "network_filter_closed" : details
    }

    /// - Returns: false when that way has ended, or nobody is there yet.
    func write(_ way: StreamDirection, _ bytes: [UInt8]) -> Bool {
        guard !self.isOver, !self[way].isEnded, way == .response || self.isServiceAsked else { return false }
        self[way].passed += bytes
        return true
    }

    /// - Returns: false when a service has been asked already.
    func choose(_ service: String) -> Bool {
        guard !self.isOver, !self.isServiceAsked else { return false }
        self.service = service
        return true
    }

    private subscript(way: StreamDirection) -> Way {
        get { self.ways[Int(way.rawValue)] }
        set { self.ways[Int(way.rawValue)] = newValue }
    }
}
