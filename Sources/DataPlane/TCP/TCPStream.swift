internal import Filtering
internal import Primitives
internal import Reactor
internal import Telemetry

/// A TCP connection with its filters: takes what comes from either side through the places of the chain,
/// client's bytes in their order, service's bytes in reverse.
///
///     client ─► place 0 ─► place 1 ─► service
///     client ◄─ place 0 ◄─ place 1 ◄─ service
///
/// Made only where a listener has network filters. What a place keeps (`more`, `pause`) waits with it, at
/// most 64 KiB; while a place has paused, its direction is not read.
final class TCPStream: NetworkStream {
    /// The most that a filter may ask to see again, in bytes.
    private static let holdLimit = 64 << 10

    /// What waits at one place, for each direction.
    private struct Held {
        var bytes: ByteBuffer?
        var isPaused = false
        /// That side has ended behind what waits.
        var hasEnd = false
        /// The filter itself has not been shown what waits.
        var isUnseen = false
    }

    // SAFETY: the relay owns its stream, and ends it before it goes.
    private unowned(unsafe) let relay: TCPRelay
    private let home: Worker
    private let chain: FilterChain
    private let memory = StreamMemory()
    private var held: [Held]
    /// The place whose new-connection hook keeps services from being asked; -1: none.
    private var waitingPlace = -1
    /// The next place that is to learn of the connection.
    private var nextPlace = 0
    private var isInHook = false
    private var replacement: ByteBuffer?
    private var closeDetails: String?
    private var resumed: [(direction: StreamDirection, place: Int)] = []
    private let isTimed: Bool
    private var lent: [ByteBuffer] = []

    init(_ relay: TCPRelay, _ chain: FilterChain) {
        self.relay = relay
        self.home = relay.connection.home
        self.chain = chain
        self.held = Array(repeating: Held(), count: chain.count * 2)
        self.isTimed = self.home.times.begin()
        super.init(worker: relay.connection.home)
        self.isSealed = (true, true)
        self.home.register(self)
        let bytes = chain.places.map { $0.stateOffset + ($0.filter?.stateSize ?? 0) }.max() ?? 0
        self.memory.prepare(places: chain.count, bytes: bytes + 16)
    }

    // MARK: The connection

    /// Tells the filters of the connection; ``TCPRelay/connectNow()`` follows when all have let it go on.
    func begin() {
        while self.nextPlace < self.chain.count, self.waitingPlace < 0 {
            let place = self.nextPlace
            self.nextPlace += 1
            self.memory.open(
                self.chain.places[place].filter, stateOffset: self.chain.places[place].stateOffset)
            guard let filter = self.memory.filter(at: place) as? NetworkFilter else { continue }
            filter.open(self, self.slot(place))
            guard filter.phases.contains(.requestHead) else { continue }
            let action = self.call(place, .requestHead) { filter.connected(self, $0) }
            switch action {
            case .continue: break
            case .more: self.waitingPlace = place
            case .pause:
                self.waitingPlace = place
                self.held[self.index(.request, place)].isPaused = true
                self.held[self.index(.request, place)].isUnseen = true
            case .close: self.closeDetails = self.closeDetails ?? "network_filter_closed"
            case .failed: return self.failed(place, .requestHead)
            }
            if self.settle() { return }
        }
        if self.waitingPlace < 0 { self.relay.connectNow() }
    }

    /// The filter lets the connection go on to the next places.
    private func goOn() {
        self.waitingPlace = -1
        self.begin()
    }

    /// The connection is over.
    func end() {
        while let id = self.pending.last { self.home.cancel(id) }
        for place in 0..<self.memory.opened {
            guard let filter = self.memory.filter(at: place) else { continue }
            if filter.phases.contains(.complete) {
                _ = self.call(place, .complete) { slot -> NetworkAction in
                    filter.complete(self, slot)
                    return .continue
                }
            }
            filter.close(self, self.slot(place))
        }
        while let id = self.pending.last { self.home.cancel(id) }
        self.home.unregister(self)
    }

    // MARK: Bytes

    /// Whether more may come in that direction.
    func isPaused(_ direction: StreamDirection) -> Bool {
        for place in 0..<self.chain.count where self.held[self.index(direction, place)].isPaused {
            return true
        }
        return false
    }

    /// What one side has sent, from its first filter on.
    func pass(_ direction: StreamDirection, _ bytes: ByteView, isEnd: Bool) {
        let first = direction == .request ? 0 : self.memory.opened - 1
        self.pass(direction, bytes, isEnd: isEnd, from: first)
        if self.settle() { return }
    }

    private func pass(_ direction: StreamDirection, _ bytes: ByteView, isEnd: Bool, from first: Int) {
        var place = first
        var view = bytes
        var kept: ByteBuffer?
        defer { if let kept { self.home.loop.giveBack(kept) } }
        let step = direction == .request ? 1 : -1
        let phase = direction == .request ? FilterPhase.requestBody : .responseBody
        while place >= 0, place < self.memory.opened {
            defer { place += step }
            let index = self.index(direction, place)
            if self.held[index].isPaused { return self.hold(index, view, isEnd: isEnd) }
            if let waiting = self.held[index].bytes {
                waiting.append(view)
                self.held[index].bytes = nil
                if let kept { self.home.loop.giveBack(kept) }
                kept = waiting
                view = waiting.view
            }
            guard let filter = self.memory.filter(at: place) as? NetworkFilter, filter.phases.contains(phase)
            else {
                if direction == .request, self.waitingPlace == place { self.goOn() }
                if self.relay.isOver { return }
                continue
            }
            self.body = view
            let action = self.call(place, phase) { filter.data(self, $0, direction, endOfStream: isEnd) }
            self.body = .empty
            switch action {
            case .more where !isEnd:
                self.dropReplacement()
                guard view.count < Self.holdLimit else {
                    self.closeDetails = "network_filter_wants_too_much"
                    return
                }
                return self.hold(index, view, isEnd: false)
            case .pause:
                self.held[index].isPaused = true
                self.takeReplacement(&view, &kept)
                return self.hold(index, view, isEnd: isEnd)
            case .close:
                self.closeDetails = self.closeDetails ?? "network_filter_closed"
                return
            case .failed: return self.failed(place, phase)
            case .continue, .more: self.takeReplacement(&view, &kept)
            }
            if self.closeDetails != nil { return }
            if direction == .request, self.waitingPlace == place {
                // The client's bytes have passed the filter that waited for them.
                self.goOn()
                if self.relay.isOver { return }
            }
        }
        self.relay.passed(direction, view, isEnd: isEnd)
    }

    private func hold(_ index: Int, _ bytes: ByteView, isEnd: Bool) {
        if isEnd { self.held[index].hasEnd = true }
        if bytes.isEmpty { return }
        let buffer = self.held[index].bytes ?? self.home.loop.takeBuffer()
        self.held[index].bytes = buffer
        buffer.append(bytes)
    }

    private func takeReplacement(_ view: inout ByteView, _ kept: inout ByteBuffer?) {
        guard let replacement = self.replacement else { return }
        self.replacement = nil
        if let kept { self.home.loop.giveBack(kept) }
        kept = replacement
        view = replacement.view
    }

    private func dropReplacement() {
        guard let replacement = self.replacement else { return }
        self.replacement = nil
        self.home.loop.giveBack(replacement)
    }

    // MARK: Calls of filters

    private func call(
        _ place: Int, _ phase: FilterPhase, _ hook: (FilterSlot) -> NetworkAction
    ) -> NetworkAction {
        self.isInHook = true
        self.home.activity.enter(self.chain.places[place].label, phase, stream: self.id.rawValue)
        let start = self.home.times.start(self.isTimed)
        let action = hook(self.slot(place))
        self.home.times.stop(self.chain.places[place].series[Int(phase.rawValue)], start)
        self.home.activity.leave()
        self.isInHook = false
        return action
    }

    private func slot(_ place: Int) -> FilterSlot {
        self.memory.slot(place, stateOffset: self.chain.places[place].stateOffset)
    }

    private func failed(_ place: Int, _ phase: FilterPhase) {
        self.home.times.failed(self.chain.places[place].series[Int(phase.rawValue)])
        self.relay.filterFailed()
    }

    private func index(_ direction: StreamDirection, _ place: Int) -> Int {
        place * 2 + Int(direction.rawValue)
    }

    /// Does what hooks have asked for, once they have returned.
    ///
    /// - Returns: Whether the connection is over.
    @discardableResult
    private func settle() -> Bool {
        while !self.relay.isOver {
            if let details = self.closeDetails {
                self.relay.filterCloses(details)
            } else if let (direction, place) = self.resumed.first {
                self.resumed.removeFirst()
                self.goOn(direction, place)
            } else {
                self.relay.filterFlowChanged()
                return false
            }
        }
        return true
    }

    private func goOn(_ direction: StreamDirection, _ place: Int) {
        let index = self.index(direction, place)
        if direction == .request, self.waitingPlace == place { self.goOn() }
        if self.relay.isOver { return }
        guard self.held[index].isPaused else { return }
        let bytes = self.held[index].bytes
        let isEnd = self.held[index].hasEnd
        let isUnseen = self.held[index].isUnseen
        self.held[index] = Held()
        if bytes == nil, !isEnd { return }
        // What it has seen goes on to the next place.
        let next = isUnseen ? place : place + (direction == .request ? 1 : -1)
        self.pass(direction, bytes?.view ?? .empty, isEnd: isEnd, from: next)
        if let bytes { self.home.loop.giveBack(bytes) }
    }

    // MARK: For filters

    override func replaceBody(_ bytes: ByteView) {
        let buffer = self.replacement ?? self.home.loop.takeBuffer()
        buffer.reset()
        buffer.append(bytes)
        self.replacement = buffer
    }

    override func resume(_ direction: StreamDirection, by slot: Int) {
        self.resumed.append((direction, slot))
        if !self.isInHook { self.settle() }
    }

    override func write(_ direction: StreamDirection, _ bytes: ByteView) -> Bool {
        self.relay.inject(direction, bytes)
    }

    override func closeConnection(details: String) {
        self.closeDetails = details.isEmpty ? "network_filter_closed" : details
        if !self.isInHook { self.settle() }
    }

    override func choose(service: String) -> Bool { self.relay.choose(service) }

    override func attribute(_ attribute: Attribute) -> AttributeValue {
        switch attribute {
        case .known(let known): return self.relay.value(of: known, self)
        case .metadata(let space, let key):
            switch self.metadata[space, key] {
            case .text(let text): return .bytes(self.lend(text))
            case .number(let number): return .bytes(self.lend("\(number)"))
            case .bool(let bool): return .bytes(ByteView(bool ? "true" : "false"))
            case .list, .object, .null, nil: return .none
            }
        case .requestHeader, .responseHeader: return .none
        }
    }

    /// A copy that lives as long as the connection.
    func lend(_ text: String) -> ByteView {
        let buffer = ByteBuffer(capacity: text.utf8.count)
        buffer.append(text)
        if self.lent.count >= 16 { self.lent.removeFirst() }
        self.lent.append(buffer)
        return buffer.view
    }
}
