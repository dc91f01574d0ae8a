internal import CLua
internal import Filtering
internal import Primitives

extension LuaWorkerFilter {
    /// Does what a script asks of the store.
    ///
    /// - Returns: false when it could not: no value, another one than expected, too long.
    func answer(_ request: postern_lua_store_request, _ value: inout postern_lua_value) -> Bool {
        let store = self.store
        let now = self.stream.worker.now
        let key = request.key.view
        switch request.operation {
        case POSTERN_LUA_STORE_GET:
            guard let bytes = store.get(key, now: now) else { return false }
            self.scratch.reset()
            bytes.withByteView { self.scratch.append($0) }
            value.text = postern_lua_text(self.scratch.view)
            return true
        case POSTERN_LUA_STORE_SET:
            return store.set(key, request.value.view, lifetime: request.lifetime_ns, now: now)
        case POSTERN_LUA_STORE_SWAP:
            let expected = request.expected.start == nil ? nil : request.expected.view
            return store.compareAndSet(
                key, expected: expected, request.value.view, lifetime: request.lifetime_ns, now: now)
        case POSTERN_LUA_STORE_INCREMENT:
            guard
                let sum = store.increment(key, by: request.amount, lifetime: request.lifetime_ns, now: now)
            else { return false }
            value.integer = sum
            return true
        default:
            return store.remove(key, now: now)
        }
    }
}
