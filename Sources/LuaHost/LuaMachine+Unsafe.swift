internal import CLua
internal import GatewayConfig
internal import Primitives

/// One Lua virtual machine with one script in it; belongs to one thread.
final class LuaMachine {
    // SAFETY: `vm` is made in init, used by this object's thread only and closed in deinit. `log` outlives it
    // and is what CLua hands back as its context.
    let vm: OpaquePointer
    private let log: LuaLog
    let entryPoints: LuaEntryPoints

    /// Compiles the script and runs its top level within the budget.
    init(
        source: [UInt8], path: String, facts: LuaSourceFacts, budget: LuaBudget, log: LuaLog
    ) throws(LuaError) {
        let limits = postern_lua_budget(
            instructions: Int64(budget.instructions), time_ns: budget.time.nanoseconds,
            memory_bytes: budget.memory.bytes
        )
        var outcome = POSTERN_LUA_FINISHED
        let context = Unmanaged.passUnretained(log).toOpaque()
        let vm = source.withUnsafeBytes { bytes in
            postern_lua_open(
                LuaCallbacks.table, context, "@\(LuaScript.fileName(of: path))",
                postern_lua_text(ByteView(bytes)), limits,
                facts.mayWait, &outcome
            )
        }
        guard let vm else { throw LuaError(path: path, message: "no memory for a Lua machine") }
        guard outcome == POSTERN_LUA_FINISHED else {
            let message = Self.message(of: vm)
            postern_lua_close(vm)
            throw LuaError(path: path, luaMessage: message)
        }
        self.vm = vm
        self.log = log
        var entryPoints: LuaEntryPoints = []
        if postern_lua_has(vm, POSTERN_LUA_ON_REQUEST) { entryPoints.insert(.request) }
        if postern_lua_has(vm, POSTERN_LUA_ON_RESPONSE) { entryPoints.insert(.response) }
        if postern_lua_has(vm, POSTERN_LUA_ON_COMPLETE) { entryPoints.insert(.complete) }
        self.entryPoints = entryPoints
    }

    deinit { postern_lua_close(self.vm) }

    /// Whether the machine should be replaced, even after a full collection.
    var isExhausted: Bool { postern_lua_is_exhausted(self.vm) }
    var waitingCalls: Int { Int(postern_lua_waiting(self.vm)) }
    /// What the last call used, in steps of the hook.
    var instructionsUsed: Int { Int(postern_lua_instructions_used(self.vm)) }
    var memoryUsed: ByteCount { .bytes(postern_lua_memory_used(self.vm)) }
    /// Why the last call in `vm` failed, with file and line.
    static func message(of vm: OpaquePointer) -> String { String(cString: postern_lua_message(vm)) }
}

extension postern_lua_text {
    init(_ view: ByteView) {
        self.init(start: view.base.assumingMemoryBound(to: CChar.self), length: view.count)
    }

    /// As long as CLua promises for the call at hand.
    var view: ByteView { ByteView(UnsafeRawBufferPointer(start: self.start, count: self.length)) }
}
