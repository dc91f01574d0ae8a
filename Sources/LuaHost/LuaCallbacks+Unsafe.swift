internal import CLua
internal import Filtering
internal import Primitives

/// What scripts ask of a stream, as C functions.
///
/// `stream` is the filter's ``LuaContext``, which names the exchange at hand: CLua calls back only while a
/// call of that exchange runs. Nothing here calls into CLua.
enum LuaCallbacks {
    // SAFETY: allocated once, filled before anyone reads it, never changed or freed.
    nonisolated(unsafe) static let table = LuaCallbacks.makeTable(command: nil)
    /// For the tests of scripts.
    nonisolated(unsafe) static let tableWithCommand = LuaCallbacks.makeTable(command: command)

    private static func makeTable(
        command: (@convention(c) (UnsafeMutableRawPointer?, postern_lua_text) -> postern_lua_text)?
    ) -> UnsafePointer<postern_lua_host> {
        let table = UnsafeMutablePointer<postern_lua_host>.allocate(capacity: 1)
        table.initialize(
            to: postern_lua_host(
                header_get: headerGet, header_at: headerAt, header_edit: headerEdit,
                replace_body: replaceBody,
                respond_begin: respondBegin, respond_header: respondHeader, respond_end: respondEnd,
                clear_route: clearRoute, attribute: attribute, wall_time_ns: wallTime,
                metadata: metadata, metadata_set: metadataSet, callout_begin: calloutBegin,
                callout_header: calloutHeader, callout_send: calloutSend, override_endpoint: overrideEndpoint,
                set_reason: setReason, close_afterwards: closeAfterwards, store: store, module: module,
                command: command, digest: digest, is_public_key: isPublicKey, verify: verify,
                regex_compile: regexCompile, regex_free: regexFree, regex_facts: regexFacts,
                regex_find: regexFind, log: log
            )
        )
        return UnsafePointer(table)
    }

    /// The filter that a callback is for.
    ///
    /// SAFETY: the filter is alive, because it is what called CLua.
    @inline(__always)
    static func with<Result>(
        _ stream: UnsafeMutableRawPointer, _ body: (LuaWorkerFilter) -> Result
    ) -> Result {
        stream.assumingMemoryBound(to: LuaContext.self).pointee.filter._withUnsafeGuaranteedRef(body)
    }

    private static let headerGet:
        @convention(c) (
            UnsafeMutableRawPointer, postern_lua_block, postern_lua_text, Int32,
            UnsafeMutablePointer<postern_lua_text>
        ) -> Int32 = { stream, block, name, from, value in
            LuaCallbacks.with(stream) { filter in
                let block = filter.block(block)
                if let index = block.firstIndex(named: name.view, from: Int(from)) {
                    value.pointee = postern_lua_text(block.value(block[index]))
                    return Int32(truncatingIfNeeded: index + 1)
                }
                guard from == 0, let found = filter.pseudoField(name.view, of: block) else { return 0 }
                value.pointee = postern_lua_text(found)
                return .max
            }
        }

    private static let headerAt:
        @convention(c) (
            UnsafeMutableRawPointer, postern_lua_block, Int32, UnsafeMutablePointer<postern_lua_text>,
            UnsafeMutablePointer<postern_lua_text>
        ) -> Bool = { stream, block, index, name, value in
            LuaCallbacks.with(stream) { filter in
                guard let field = filter.field(Int(index), of: filter.block(block)) else { return false }
                name.pointee = postern_lua_text(field.name)
                value.pointee = postern_lua_text(field.value)
                return true
            }
        }

    private static let headerEdit:
        @convention(c) (
            UnsafeMutableRawPointer, postern_lua_block, postern_lua_edit, postern_lua_text, postern_lua_text
        ) -> postern_lua_edited = { stream, block, edit, name, value in
            LuaCallbacks.with(stream) { filter in
                postern_lua_edited(filter.edit(filter.block(block), edit, name.view, value.view))
            }
        }

    private static let replaceBody: @convention(c) (UnsafeMutableRawPointer, postern_lua_text) -> Void = {
        stream, bytes in
        LuaCallbacks.with(stream) { $0.replaceBody(bytes.view) }
    }

    private static let respondBegin: @convention(c) (UnsafeMutableRawPointer, Int32) -> Void = {
        stream, status in
        LuaCallbacks.with(stream) {
            $0.answer = LocalResponse(status: Int(status), details: "lua_response")
        }
    }

    private static let respondHeader:
        @convention(c) (UnsafeMutableRawPointer, postern_lua_text, postern_lua_text) -> Void = {
            stream, name, value in
            LuaCallbacks.with(stream) { $0.answer?.headers.append((name.view.string, value.view.string)) }
        }

    private static let respondEnd: @convention(c) (UnsafeMutableRawPointer, postern_lua_text) -> Void = {
        stream, body in
        LuaCallbacks.with(stream) { $0.answer?.body = body.view.bytes }
    }

    private static let clearRoute: @convention(c) (UnsafeMutableRawPointer) -> Void = { stream in
        LuaCallbacks.with(stream) { $0.stream.clearRoute() }
    }

    private static let attribute:
        @convention(c) (UnsafeMutableRawPointer, postern_lua_text, UnsafeMutablePointer<postern_lua_value>) ->
            Void = {
                stream, name, value in
                LuaCallbacks.with(stream) { filter in
                    let none = postern_lua_text(.empty)
                    switch filter.attribute(name.view) {
                    case .value(.none):
                        value.pointee = postern_lua_value(kind: POSTERN_LUA_NONE, text: none, integer: 0)
                    case .value(.bytes(let bytes)):
                        value.pointee = postern_lua_value(
                            kind: POSTERN_LUA_TEXT, text: postern_lua_text(bytes), integer: 0
                        )
                    case .value(.integer(let integer)):
                        value.pointee = postern_lua_value(
                            kind: POSTERN_LUA_INTEGER, text: none, integer: integer)
                    case .unknown(let message):
                        value.pointee = postern_lua_value(
                            kind: POSTERN_LUA_UNKNOWN, text: postern_lua_text(message), integer: 0
                        )
                    }
                }
            }

    private static let wallTime: @convention(c) (UnsafeMutableRawPointer) -> UInt64 = { stream in
        LuaCallbacks.with(stream) { $0.stream.worker.wallTime.nanosecondsSinceEpoch }
    }

    private static let log: @convention(c) (UnsafeMutableRawPointer?, Int32, postern_lua_text) -> Void = {
        context, level, message in
        guard let context, let level = FilterLogLevel(rawValue: UInt8(truncatingIfNeeded: level)) else {
            return
        }
        // SAFETY: the machine that is running keeps its environment alive.
        Unmanaged<LuaEnvironment>.fromOpaque(context)._withUnsafeGuaranteedRef {
            $0.log.write(level, message.view)
        }
    }
}
