internal import Filtering
internal import Primitives
internal import Reactor

/// The way of one message, request or response, through the filters of its exchange.
///
///     head ──► step 0 ──► step 1 ──► … ──► Exchange.headPassed
///                │ pause: stands here until resume
///                │ buffer: collects the body behind the steps before, shows it to this one, goes on
///     body ──► the same steps, never past one where the head stands ──► Exchange.bodyPassed
///
/// Every call is given the exchange, its owner, because a reference kept here would be counted at every use.
/// A request takes the places of the chain in order; a response takes, in reverse, those that the request has
/// reached.
final class FilterPass {
    private let direction: StreamDirection
    /// The first step that takes part; more than 0 when a filter has answered in place of a response.
    private var first = 0
    /// Steps that the head has passed or stands at.
    private var next = 0
    /// The step that paused; -1 when none.
    private var pausedAt = -1
    /// When it did, in nanoseconds of the monotonic clock.
    private var pausedSince: UInt64 = 0
    /// The step that waits for the whole body; -1 when none.
    private var bufferingAt = -1
    /// The step that paused and is to collect the body when it goes on; -1 when none.
    private var buffersNext = -1
    /// The most body that is collected, in bytes.
    var bufferLimit = Exchange.bufferLimit
    private(set) var isHeadPassed = false
    private var endsWithHead = false
    /// Body that `bufferingAt` has so far.
    private var collected: ByteBuffer?
    /// Body that waits behind a filter, or for a connection, to be shown to the step in `heldFor`.
    private var held: ByteBuffer?
    private var heldFor = 0
    private var heldEnds = false
    /// The body is over; it, or its trailers, may still be held.
    private var hasTrailers = false
    private var trailersNext = 0
    /// The first step that has not been shown the end of a body that trailers follow; `.max` when all have.
    private var bodyEndNext = 0
    /// The filter in its hook has called ``resume(by:)``.
    private var resumedInHook = false
    /// In a body hook, what the filter puts in place of what it is shown.
    private var replacement: ByteBuffer?
    /// The replacement before, which it may be made from.
    private var lastReplacement: ByteBuffer?
    private var isReplaced = false

    /// - Parameter exchange: Owns the pass, and outlives it.
    init(_ direction: StreamDirection) {
        self.direction = direction
    }

    func reset(_ exchange: Exchange) {
        self.next = 0
        self.startOver(exchange)
        self.giveBack(&self.replacement, exchange)
        self.giveBack(&self.lastReplacement, exchange)
    }

    /// Forgets the message, for another to take the steps that are left.
    func startOver(_ exchange: Exchange) {
        self.first = self.next
        self.pausedAt = -1
        self.bufferingAt = -1
        self.buffersNext = -1
        self.bufferLimit = Exchange.bufferLimit
        self.giveBack(&self.collected, exchange)
        self.giveBack(&self.held, exchange)
        self.heldEnds = false
        self.hasTrailers = false
        self.trailersNext = 0
        self.bodyEndNext = self.first
        self.isHeadPassed = false
        self.resumedInHook = false
    }

    var hasBegun: Bool { self.isHeadPassed || self.next > self.first }

    /// Whether the message may not be read on: a filter has paused it.
    var isPaused: Bool { self.pausedAt >= 0 }
    var isBuffering: Bool { self.bufferingAt >= 0 }
    /// Whether body is here that has not been passed on.
    var isHolding: Bool { self.held != nil }

    private var headPhase: FilterPhase { self.direction == .request ? .requestHead : .responseHead }
    private var bodyPhase: FilterPhase { self.direction == .request ? .requestBody : .responseBody }
    private var trailersPhase: FilterPhase {
        self.direction == .request ? .requestTrailers : .responseTrailers
    }

    // MARK: Head

    func begin(_ exchange: Exchange, endOfStream: Bool) {
        self.endsWithHead = endOfStream
        self.advance(exchange)
    }

    /// The length of the body, when all of it is held and no filter is left that may change it.
    func heldLength(_ exchange: Exchange) -> Int? {
        guard self.heldEnds, !self.hasTrailers, let held = self.held else { return nil }
        if exchange.changesBody(self.direction), self.hasBodyHook(exchange, from: self.heldFor) { return nil }
        return held.count
    }

    private func hasBodyHook(_ exchange: Exchange, from first: Int) -> Bool {
        var step = first
        while let place = exchange.place(of: step, self.direction) {
            if exchange.memory.filter(at: place)?.phases.contains(self.bodyPhase) == true { return true }
            step += 1
        }
        return false
    }

    private func advance(_ exchange: Exchange) {
        if !self.isHeadPassed { self.runHead(exchange) }
        if self.isHeadPassed, !self.isPaused, !exchange.isAnswered(in: self.direction),
            exchange.canPassBody(self.direction)
        {
            self.releaseHeld(exchange)
        }
    }

    private func runHead(_ exchange: Exchange) {
        while let place = exchange.openPlace(of: self.next, self.direction) {
            let step = self.next
            self.next += 1
            guard let filter = exchange.memory.filter(at: place), filter.phases.contains(self.headPhase)
            else {
                continue
            }
            self.resumedInHook = false
            let action = exchange.call(filter, place, self.headPhase, endOfStream: self.endsWithHead)
            if exchange.isAnswered(in: self.direction) { return }
            switch action {
            case .continue, .responded: break
            case .pause: if self.pause(exchange, step) { return }
            case .buffer:
                self.beginBuffering(exchange, step)
                if self.bufferingAt >= 0 || self.isPaused || exchange.isAnswered(in: self.direction) {
                    return
                }
            case .failed: return exchange.filterFailed(place, self.direction)
            }
        }
        if self.direction == .request, exchange.areChecksStale, !self.checkAgain(exchange) { return }
        self.isHeadPassed = true
        exchange.headPassed(self.direction, endOfStream: self.endsWithHead && self.held == nil)
    }

    /// The request may go elsewhere than where the checks have let it: shows its head to them once more.
    ///
    /// - Returns: Whether it may go on now; if not, it was answered, or stands at the place of the checks
    ///   until they resume it.
    private func checkAgain(_ exchange: Exchange) -> Bool {
        exchange.resolveRoute()
        // Steps of a request are places.
        let step = exchange.chain.checkPlace
        guard let filter = exchange.memory.filter(at: step) else { return true }
        self.resumedInHook = false
        let action = exchange.call(filter, step, .requestHead, endOfStream: self.endsWithHead)
        if exchange.isAnswered(in: .request) { return false }
        return action != .pause || !self.pause(exchange, step)
    }

    /// - Returns: false when the filter has already said that it may go on.
    private func pause(_ exchange: Exchange, _ step: Int) -> Bool {
        if self.resumedInHook {
            self.resumedInHook = false
            return false
        }
        self.pausedAt = step
        self.pausedSince = exchange.loop.now.nanoseconds
        exchange.pauseBegan()
        return true
    }

    /// When the present pause has lasted for `limit`; `UInt64.max` when there is none that matters.
    func pauseEnds(_ exchange: Exchange, after limit: UInt64) -> UInt64 {
        if !self.isPaused || exchange.isAnswered(in: self.direction) { return .max }
        let (end, over) = self.pausedSince.addingReportingOverflow(limit)
        return over ? .max : end
    }

    /// The place of the filter that has paused.
    func pausedPlace(_ exchange: Exchange) -> Int? {
        self.isPaused ? exchange.place(of: self.pausedAt, self.direction) : nil
    }

    /// Goes on when the filter at `place` had paused.
    func resume(_ exchange: Exchange, by place: Int, inHook: Bool) {
        if inHook, self.pausedAt < 0 {
            self.resumedInHook = true
            return
        }
        guard self.pausedAt >= 0, exchange.place(of: self.pausedAt, self.direction) == place else {
            return
        }
        self.pausedAt = -1
        exchange.scheduleContinuation(self.direction)
    }

    private func beginBuffering(_ exchange: Exchange, _ step: Int) {
        self.bufferingAt = step
        exchange.bufferingBegan(self.direction)
        // The body may be over: there is none, or a filter before this one has buffered it.
        if self.endsWithHead || self.collectHeld(exchange) { self.endBuffering(exchange) }
    }

    /// As ``resume(_:by:inHook:)``, but the filter, which paused the head, wants the whole body first.
    func resumeBuffering(_ exchange: Exchange, by place: Int) {
        let step = self.pausedAt
        guard step >= 0, !self.isHeadPassed, exchange.place(of: step, self.direction) == place else { return }
        self.pausedAt = -1
        self.buffersNext = step
        exchange.scheduleContinuation(self.direction)
    }

    /// What waits behind the filter at `place`, which has paused with it.
    func heldBody(_ exchange: Exchange, by place: Int) -> ByteBuffer? {
        guard self.pausedAt >= 0, self.heldFor == self.pausedAt + 1,
            exchange.place(of: self.pausedAt, self.direction) == place
        else { return nil }
        return self.held
    }

    /// What a resume has scheduled: goes on with the head, and with what was held.
    func proceed(_ exchange: Exchange) {
        if self.isPaused || exchange.isAnswered(in: self.direction) { return }
        if self.isBuffering {
            // A filter before the one that collects had paused at a piece.
            if self.collectHeld(exchange) { self.continueBuffered(exchange) }
            return
        }
        if self.buffersNext >= 0 {
            let step = self.buffersNext
            self.buffersNext = -1
            self.beginBuffering(exchange, step)
        }
        if !self.isPaused, !self.isBuffering, !exchange.isAnswered(in: self.direction) {
            self.advance(exchange)
        }
    }

    private func releaseHeld(_ exchange: Exchange) {
        guard let held = self.held else { return self.passTrailersIfDue(exchange) }
        self.held = nil
        self.pass(exchange, held.view, from: self.heldFor, endOfStream: self.heldEnds)
        exchange.loop.giveBack(held)
        self.passTrailersIfDue(exchange)
    }

    private func passTrailersIfDue(_ exchange: Exchange) {
        guard self.hasTrailers, self.held == nil, !self.isPaused else { return }
        if let shown = self.endBody(exchange, before: .max), !shown.isEmpty {
            exchange.bodyPassed(self.direction, shown, endOfStream: false)
        }
        if !self.isPaused, !exchange.isAnswered(in: self.direction) { self.runTrailers(exchange) }
    }

    /// Trailers follow a body: shows its end, without bytes, to filters that make another body of it.
    private func endBody(_ exchange: Exchange, before last: Int) -> ByteView? {
        let first = self.bodyEndNext
        self.bodyEndNext = last
        guard first < last, exchange.changesBody(self.direction) else { return nil }
        return self.show(exchange, .empty, from: first, to: last, endOfStream: true)
    }

    // MARK: Body

    /// Body arrived; not called while ``isPaused``.
    func body(_ exchange: Exchange, _ bytes: ByteView, endOfStream: Bool) {
        if self.bufferingAt >= 0 {
            if self.collect(exchange, bytes, from: self.first, endOfStream: endOfStream) {
                self.continueBuffered(exchange)
            }
            return
        }
        if !exchange.hasHook(self.bodyPhase) {
            return exchange.bodyPassed(self.direction, bytes, endOfStream: endOfStream)
        }
        self.pass(exchange, bytes, from: self.first, endOfStream: endOfStream)
    }

    private func pass(_ exchange: Exchange, _ bytes: ByteView, from first: Int, endOfStream: Bool) {
        guard let shown = self.show(exchange, bytes, from: first, to: .max, endOfStream: endOfStream) else {
            return
        }
        exchange.bodyPassed(self.direction, shown, endOfStream: endOfStream)
    }

    /// Shows bytes to the steps from `first` up to, not including, `last`.
    ///
    /// - Returns: What is left of them; nil when a filter has stopped the message.
    private func show(
        _ exchange: Exchange, _ bytes: ByteView, from first: Int, to last: Int, endOfStream: Bool
    ) -> ByteView? {
        var view = bytes
        var step = first
        while step < last, let place = exchange.place(of: step, self.direction) {
            step += 1
            guard let filter = exchange.memory.filter(at: place), filter.phases.contains(self.bodyPhase)
            else {
                continue
            }
            guard
                let shown = self.show(
                    exchange, view, to: filter, place, step: step - 1, endOfStream: endOfStream)
            else {
                return nil
            }
            view = shown
        }
        return view
    }

    private func show(
        _ exchange: Exchange, _ bytes: ByteView, to filter: Filter, _ place: Int, step: Int, endOfStream: Bool
    ) -> ByteView? {
        exchange.body = bytes
        self.isReplaced = false
        self.resumedInHook = false
        let action = exchange.call(filter, place, self.bodyPhase, endOfStream: endOfStream)
        exchange.body = .empty
        if exchange.isAnswered(in: self.direction) { return nil }
        let view = self.isReplaced ? self.takeReplacement(exchange) : bytes
        switch action {
        case .continue, .responded: return view
        case .pause:
            guard self.pause(exchange, step) else { return view }
            self.hold(exchange, view, for: step + 1, endOfStream: endOfStream)
            return nil
        case .buffer, .failed:
            exchange.filterFailed(place, self.direction)
            return nil
        }
    }

    /// What ``FilterStream/replaceBody(_:)`` does.
    func replace(_ exchange: Exchange, _ bytes: ByteView) {
        let buffer = self.replacement ?? exchange.loop.takeBuffer()
        buffer.reset()
        buffer.append(bytes)
        self.replacement = buffer
        self.isReplaced = true
    }

    /// The bytes stay until the second replacement from now, longer than any view of them.
    private func takeReplacement(_ exchange: Exchange) -> ByteView {
        let taken = self.replacement
        self.replacement = self.lastReplacement
        self.lastReplacement = taken
        return taken?.view ?? .empty
    }

    private func hold(_ exchange: Exchange, _ bytes: ByteView, for step: Int, endOfStream: Bool) {
        let held = self.held ?? exchange.loop.takeBuffer()
        held.append(bytes)
        self.held = held
        self.heldFor = step
        self.heldEnds = endOfStream && !self.hasTrailers
    }

    private func giveBack(_ place: inout ByteBuffer?, _ exchange: Exchange) {
        guard let buffer = place else { return }
        place = nil
        exchange.loop.giveBack(buffer)
    }

    // MARK: Buffering

    /// Shows bytes to the steps from `first` up to the one that buffers, and collects what is left of them.
    ///
    /// - Returns: Whether the body is over.
    private func collect(_ exchange: Exchange, _ bytes: ByteView, from first: Int, endOfStream: Bool) -> Bool
    {
        guard
            let shown = self.show(
                exchange, bytes, from: first, to: self.bufferingAt, endOfStream: endOfStream)
        else { return false }
        return self.keep(exchange, shown) && (endOfStream || self.hasTrailers)
    }

    /// Adds to what is collected.
    ///
    /// - Returns: Whether there was room.
    private func keep(_ exchange: Exchange, _ bytes: ByteView) -> Bool {
        let collected = self.collected ?? exchange.loop.takeBuffer()
        self.collected = collected
        guard collected.count + bytes.count <= self.bufferLimit else {
            exchange.bufferOverflowed(self.direction)
            return false
        }
        collected.append(bytes)
        return true
    }

    /// As ``collect(_:_:from:endOfStream:)`` for what is held before the step that buffers.
    private func collectHeld(_ exchange: Exchange) -> Bool {
        guard let held = self.held else { return self.hasTrailers }
        self.held = nil
        defer { exchange.loop.giveBack(held) }
        return self.collect(exchange, held.view, from: self.heldFor, endOfStream: self.heldEnds)
    }

    /// The body is over: shows all of it to the step that wanted it, then goes on with the head.
    private func continueBuffered(_ exchange: Exchange) {
        self.endBuffering(exchange)
        if !self.isPaused, !exchange.isAnswered(in: self.direction) { self.advance(exchange) }
    }

    private func endBuffering(_ exchange: Exchange) {
        let step = self.bufferingAt
        self.bufferingAt = -1
        guard let place = exchange.place(of: step, self.direction) else { return }
        let whole = self.collected
        self.collected = nil
        defer { if let whole { exchange.loop.giveBack(whole) } }
        guard let filter = exchange.memory.filter(at: place) else { return }
        guard filter.phases.contains(self.bodyPhase) else {
            return self.hold(exchange, whole?.view ?? .empty, for: step + 1, endOfStream: !self.hasTrailers)
        }
        guard
            let shown = self.show(
                exchange, whole?.view ?? .empty, to: filter, place, step: step, endOfStream: true)
        else {
            self.heldEnds = !self.hasTrailers
            return
        }
        if !shown.isEmpty || !self.endsWithHead {
            self.hold(exchange, shown, for: step + 1, endOfStream: !self.hasTrailers)
        }
        if !shown.isEmpty { self.endsWithHead = false }
    }

    // MARK: Trailers

    /// The body is over and the message has trailers.
    func trailers(_ exchange: Exchange) {
        self.hasTrailers = true
        if self.isPaused { return }
        if self.bufferingAt >= 0 {
            let step = self.bufferingAt
            let rest = self.endBody(exchange, before: step)
            self.bodyEndNext = step + 1
            if self.isPaused || exchange.isAnswered(in: self.direction) { return }
            if let rest, !self.keep(exchange, rest) { return }
            self.continueBuffered(exchange)
        } else if exchange.canPassBody(self.direction) {
            self.passTrailersIfDue(exchange)
        }
    }

    private func runTrailers(_ exchange: Exchange) {
        while exchange.hasHook(self.trailersPhase),
            let place = exchange.place(of: self.first + self.trailersNext, self.direction)
        {
            self.trailersNext += 1
            guard let filter = exchange.memory.filter(at: place),
                filter.phases.contains(self.trailersPhase)
            else {
                continue
            }
            self.resumedInHook = false
            let action = exchange.call(filter, place, self.trailersPhase, endOfStream: true)
            if exchange.isAnswered(in: self.direction) { return }
            switch action {
            case .continue, .responded: continue
            case .pause: if self.pause(exchange, self.first + self.trailersNext - 1) { return }
            case .buffer, .failed: return exchange.filterFailed(place, self.direction)
            }
        }
        self.hasTrailers = false
        exchange.trailersPassed(self.direction)
    }
}
