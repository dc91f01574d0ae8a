internal import CLua
internal import Filtering
internal import GatewayConfig
internal import Primitives

/// A script at work in one worker.
///
/// Owns the script's machine. A machine that stays full even after a collection is replaced; calls that wait
/// in the old one finish there.
final class LuaWorkerFilter: Filter {
    /// What the hot path reads; see ``LuaContext``.
    let context: UnsafeMutablePointer<LuaContext>
    /// What the running call answered, until the call has returned.
    var answer: LocalResponse?
    /// A request to a service that the running call puts together.
    var callout: LuaCallout?
    /// A service's answer while the call that waited for it runs.
    var serviceAnswer: HeaderBlock?
    /// Whose call runs, and in which direction; nil in `on_complete`.
    private(set) var slot: FilterSlot?
    private(set) var direction: StreamDirection?
    /// The running call goes on after a pause: there is no hook that could return an action.
    var isOutsideHook = false
    private(set) lazy var store = self.blueprint.host.store(name: self.blueprint.name)
    /// Bytes made for the script: a status, a message.
    let scratch = ByteBuffer(capacity: 64)

    let blueprint: LuaBlueprint
    let log: LuaLog
    /// nil when even the first could not be made; then every call fails.
    private(set) var machine: LuaMachine?
    /// Machines that were replaced while calls waited in them.
    private(set) var retired: [LuaMachine] = []
    private var startProblem = ""
    /// Stands in the context's place of a stream until there is one.
    private let noStream: FilterStream

    init(_ blueprint: LuaBlueprint, worker: FilterWorker) {
        self.blueprint = blueprint
        self.noStream = FilterStream(worker: worker)
        self.context = .allocate(capacity: 1)
        self.log = LuaLog(host: blueprint.host, filter: blueprint.name)
        do throws(LuaError) {
            self.machine = try blueprint.makeMachine(self.log)
        } catch {
            self.startProblem = error.description
        }
        super.init(
            phases: blueprint.script.facts.phases(blueprint.script.entryPoints),
            stateSize: LuaStreamState.size
        )
        self.context.initialize(
            to: LuaContext(
                filter: .passUnretained(self), stream: .passUnretained(self.noStream), vm: self.machine?.vm
            )
        )
    }

    deinit { self.context.deallocate() }

    override func requestHead(_ stream: FilterStream, _ slot: FilterSlot, endOfStream: Bool) -> FilterAction {
        self.start(POSTERN_LUA_ON_REQUEST, .request, stream, slot, endOfStream: endOfStream)
    }

    override func requestBody(_ stream: FilterStream, _ slot: FilterSlot, endOfStream: Bool) -> FilterAction {
        self.body(
            .request, stream, slot, endOfStream: endOfStream, trailers: stream.requestTrailers.count > 0)
    }

    override func requestTrailers(_ stream: FilterStream, _ slot: FilterSlot) -> FilterAction {
        self.trailers(.request, stream, slot)
    }

    override func responseHead(_ stream: FilterStream, _ slot: FilterSlot, endOfStream: Bool) -> FilterAction
    {
        self.start(POSTERN_LUA_ON_RESPONSE, .response, stream, slot, endOfStream: endOfStream)
    }

    override func responseBody(_ stream: FilterStream, _ slot: FilterSlot, endOfStream: Bool) -> FilterAction
    {
        self.body(
            .response, stream, slot, endOfStream: endOfStream, trailers: stream.responseTrailers.count > 0)
    }

    override func responseTrailers(_ stream: FilterStream, _ slot: FilterSlot) -> FilterAction {
        self.trailers(.response, stream, slot)
    }

    override func complete(_ stream: FilterStream, _ slot: FilterSlot) {
        _ = self.start(POSTERN_LUA_ON_COMPLETE, nil, stream, slot, endOfStream: true)
    }

    override func close(_ stream: FilterStream, _ slot: FilterSlot) {
        let state = LuaStreamState(slot)
        self.abandon(state, .request)
        self.abandon(state, .response)
    }

    @inline(__always)
    private func abandon(_ state: LuaStreamState, _ direction: StreamDirection) {
        guard let call = state[direction].call else { return }
        state[direction].call = nil
        postern_lua_abandon(call)
        self.afterCall()
    }

    /// The machine and those it has replaced.
    var machines: [LuaMachine] { self.retired + (self.machine.map { [$0] } ?? []) }

    // MARK: Calls

    /// What callbacks of the call that follows are for.
    @inline(__always)
    func enter(_ stream: FilterStream, _ slot: FilterSlot, _ direction: StreamDirection?) {
        self.context.pointee.stream = .passUnretained(stream)
        self.slot = slot
        self.direction = direction
    }

    /// What `setBytes` does: in the hook, or with what is held behind a pause.
    func replaceBody(_ bytes: ByteView) {
        guard self.isOutsideHook, let slot = self.slot, let direction = self.direction else {
            return self.stream.replaceBody(bytes)
        }
        self.stream.replaceHeldBody(direction, by: slot.index, bytes)
    }

    /// - Parameter direction: nil for `on_complete`.
    @inline(__always)
    private func start(
        _ entry: postern_lua_entry, _ direction: StreamDirection?, _ stream: FilterStream, _ slot: FilterSlot,
        endOfStream: Bool
    ) -> FilterAction {
        if LuaStreamState(slot).isOff { return .continue }
        guard let vm = self.context.pointee.vm else {
            return self.failed(direction, stream, slot, message: self.startProblem, details: "lua_error")
        }
        self.enter(stream, slot, direction)
        var waiting: OpaquePointer?
        let outcome = postern_lua_start(vm, entry, self.context, endOfStream, &waiting)
        if outcome == POSTERN_LUA_FINISHED {
            self.afterCall()
            return .continue
        }
        return self.finish(outcome, vm, waiting, direction, stream, slot, isHead: true)
    }

    private func body(
        _ direction: StreamDirection, _ stream: FilterStream, _ slot: FilterSlot, endOfStream: Bool,
        trailers: Bool
    ) -> FilterAction {
        let waiting = LuaStreamState(slot)[direction]
        if LuaStreamState(slot).hasFailed { return .failed }
        guard let call = waiting.call else { return .continue }
        switch waiting.outcome {
        case POSTERN_LUA_WAITS_FOR_BODY:
            return self.resume(call, direction, stream, slot, endOfStream: endOfStream, trailers: trailers)
        case POSTERN_LUA_WAITS_FOR_CHUNK where endOfStream || !stream.body.isEmpty:
            return self.resume(call, direction, stream, slot, endOfStream: endOfStream, trailers: false)
        case POSTERN_LUA_WAITS_FOR_TRAILERS where endOfStream:
            return self.resume(call, direction, stream, slot, endOfStream: true, trailers: false)
        default:
            return .continue
        }
    }

    private func trailers(
        _ direction: StreamDirection, _ stream: FilterStream, _ slot: FilterSlot
    ) -> FilterAction {
        let waiting = LuaStreamState(slot)[direction]
        if LuaStreamState(slot).hasFailed { return .failed }
        guard
            let call = waiting.call, waiting.outcome != POSTERN_LUA_WAITS_FOR_BODY,
            waiting.outcome != POSTERN_LUA_WAITS_FOR_ANSWER
        else { return .continue }
        return self.resume(call, direction, stream, slot, endOfStream: true, trailers: true)
    }

    private func resume(
        _ call: OpaquePointer, _ direction: StreamDirection, _ stream: FilterStream, _ slot: FilterSlot,
        endOfStream: Bool, trailers: Bool
    ) -> FilterAction {
        self.enter(stream, slot, direction)
        LuaStreamState(slot)[direction].call = nil
        let outcome = postern_lua_resume(call, postern_lua_text(stream.body), endOfStream, trailers)
        return self.finish(outcome, postern_lua_vm_of(call), call, direction, stream, slot, isHead: false)
    }

    func finish(
        _ outcome: postern_lua_outcome, _ vm: OpaquePointer, _ call: OpaquePointer?,
        _ direction: StreamDirection?,
        _ stream: FilterStream, _ slot: FilterSlot, isHead: Bool
    ) -> FilterAction {
        let action: FilterAction
        switch outcome {
        case POSTERN_LUA_WAITS_FOR_BODY, POSTERN_LUA_WAITS_FOR_CHUNK, POSTERN_LUA_WAITS_FOR_TRAILERS,
            POSTERN_LUA_WAITS_FOR_ANSWER:
            guard let direction else { return .failed }
            LuaStreamState(slot)[direction] = LuaStreamState.Waiting(call: call, outcome: outcome)
            if outcome == POSTERN_LUA_WAITS_FOR_BODY { return .buffer }
            if outcome == POSTERN_LUA_WAITS_FOR_ANSWER { return .pause }
            if isHead, outcome == POSTERN_LUA_WAITS_FOR_CHUNK, self.blueprint.script.facts.namesSetBytes {
                stream.willChangeBody(direction)
            }
            return .continue
        case POSTERN_LUA_RESPONDED:
            action = self.answer.map(stream.respond) == true ? .responded : .failed
            self.answer = nil
        case POSTERN_LUA_FAILED:
            action = self.failed(
                direction, stream, slot, message: LuaMachine.message(of: vm), details: "lua_error")
        case POSTERN_LUA_OVER_BUDGET:
            action = self.failed(
                direction, stream, slot, message: LuaMachine.message(of: vm), details: "lua_budget")
        default:
            action = .continue
        }
        self.afterCall()
        return action
    }

    @inline(never)
    private func failed(
        _ direction: StreamDirection?, _ stream: FilterStream, _ slot: FilterSlot, message: String,
        details: String
    ) -> FilterAction {
        self.log.report(message, now: stream.worker.now)
        LuaStreamState(slot).isOff = true
        guard let direction, self.blueprint.onFailure == .deny else {
            stream.countError(by: slot.index)
            return .continue
        }
        guard direction == .request, stream.respond(LocalResponse(status: 500, details: details)) else {
            return .failed
        }
        stream.countError(by: slot.index)
        return .responded
    }

    /// Replaces a machine that is full, and frees replaced ones in which no call waits any more.
    @inline(__always)
    private func afterCall() {
        guard let vm = self.context.pointee.vm else { return }
        if postern_lua_is_exhausted(vm) || self.context.pointee.hasRetired { self.replaceMachine() }
    }

    @inline(never)
    private func replaceMachine() {
        self.retired.removeAll { $0.waitingCalls == 0 }
        if let machine = self.machine, machine.isExhausted {
            do throws(LuaError) {
                let fresh = try self.blueprint.makeMachine(self.log)
                if machine.waitingCalls > 0 { self.retired.append(machine) }
                self.machine = fresh
                self.log.notify("the script's memory was full after a call: its globals begin anew")
            } catch {
                self.log.notify("the script's memory is full and it cannot begin anew: \(error)")
            }
        }
        self.context.pointee.vm = self.machine?.vm
        self.context.pointee.hasRetired = !self.retired.isEmpty
    }
}
