internal import CLua
internal import Filtering
internal import GatewayConfig
internal import Primitives

// What scripts ask for besides fields and bodies: metadata, services, the store.

extension LuaCallbacks {
    /// Lends a text until the next callback.
    private static func lend(_ text: String?, _ scratch: ByteBuffer) -> postern_lua_text {
        guard let text else { return postern_lua_text(start: nil, length: 0) }
        scratch.reset()
        scratch.append(text)
        return postern_lua_text(scratch.view)
    }

    static let metadata:
        @convention(c) (
            UnsafeMutableRawPointer, postern_lua_metadata, postern_lua_text, postern_lua_text
        ) -> postern_lua_text = { stream, owner, space, key in
            LuaCallbacks.with(stream) { filter in
                let metadata =
                    switch owner {
                    case POSTERN_LUA_RULE_METADATA: filter.stream.ruleMetadata
                    case POSTERN_LUA_ROUTE_METADATA: filter.stream.routeMetadata
                    default: filter.stream.metadata
                    }
                let key = key.start == nil ? nil : key.view.string
                guard space.start != nil else {
                    return lend(metadata.json(space: nil, key: nil), filter.scratch)
                }
                guard space.length == 0, owner != POSTERN_LUA_STREAM_METADATA else {
                    return lend(metadata.json(space: space.view.string, key: key), filter.scratch)
                }
                // The filter's own facts; Envoy's scripts also find those under the filter's canonical name.
                let own = metadata.spaces[filter.blueprint.name] == nil ? envoyName : filter.blueprint.name
                return lend(metadata.json(space: own, key: key), filter.scratch)
            }
        }

    private static let envoyName = "envoy.filters.http.lua"

    static let metadataSet:
        @convention(c) (
            UnsafeMutableRawPointer, postern_lua_text, postern_lua_text, postern_lua_text
        ) -> Bool =
            {
                stream, space, key, json in
                LuaCallbacks.with(stream) { filter in
                    let reading = ConfigDocument.read(json.view.bytes, as: .json)
                    guard let root = reading.root, reading.problems.isEmpty else { return false }
                    let value = MetadataValue(root)
                    filter.stream.metadata[space.view.string, key.view.string] = value == .null ? nil : value
                    return true
                }
            }

    static let calloutBegin: @convention(c) (UnsafeMutableRawPointer, postern_lua_text) -> Void = {
        stream, service in
        LuaCallbacks.with(stream) { $0.callout = LuaCallout(service: service.view.string) }
    }

    static let calloutHeader:
        @convention(c) (UnsafeMutableRawPointer, postern_lua_text, postern_lua_text) -> postern_lua_edited = {
            stream, name, value in
            LuaCallbacks.with(stream) { filter in
                postern_lua_edited(filter.callout?.add(name.view, value.view) ?? .tooLarge)
            }
        }

    static let calloutSend:
        @convention(c) (UnsafeMutableRawPointer, UnsafePointer<postern_lua_callout>) -> Bool = {
            stream, callout in
            LuaCallbacks.with(stream) { filter in
                filter.send(
                    callout.pointee.body.view, timeout: callout.pointee.timeout_ns,
                    isAsynchronous: callout.pointee.is_asynchronous,
                    sendsForwardedFor: callout.pointee.sends_forwarded_for
                )
            }
        }

    static let overrideEndpoint: @convention(c) (UnsafeMutableRawPointer, postern_lua_text, Bool) -> Bool = {
        stream, address, isStrict in
        LuaCallbacks.with(stream) { filter in
            let text = address.view.string
            guard IPAddressText.isAddress(text) else { return false }
            filter.stream.overrideEndpoint(text, isStrict: isStrict)
            return true
        }
    }

    static let setReason: @convention(c) (UnsafeMutableRawPointer, postern_lua_text) -> Bool = {
        stream, reason in
        LuaCallbacks.with(stream) { $0.stream.response.setReason(reason.view) }
    }

    static let closeAfterwards: @convention(c) (UnsafeMutableRawPointer) -> Void = { stream in
        LuaCallbacks.with(stream) { $0.stream.closeConnectionAfterwards() }
    }

    static let store:
        @convention(c) (
            UnsafeMutableRawPointer, UnsafePointer<postern_lua_store_request>,
            UnsafeMutablePointer<postern_lua_value>
        ) -> Bool = { stream, request, value in
            LuaCallbacks.with(stream) { $0.answer(request.pointee, &value.pointee) }
        }

    static let module:
        @convention(c) (
            UnsafeMutableRawPointer?, postern_lua_text, UnsafeMutablePointer<postern_lua_text>
        ) -> postern_lua_text = { context, name, problem in
            problem.pointee = postern_lua_text(ByteView("no modules here"))
            let none = postern_lua_text(start: nil, length: 0)
            guard let context else { return none }
            // SAFETY: the machine that is running keeps its environment alive.
            return Unmanaged<LuaEnvironment>.fromOpaque(context)._withUnsafeGuaranteedRef { environment in
                let module = environment.modules.module(name.view.string)
                environment.lent.reset()
                guard let source = module.source else {
                    environment.lent.append(module.problem)
                    problem.pointee = postern_lua_text(environment.lent.view)
                    return none
                }
                source.withByteView { environment.lent.append($0) }
                return postern_lua_text(environment.lent.view)
            }
        }

    static let command: @convention(c) (UnsafeMutableRawPointer?, postern_lua_text) -> postern_lua_text = {
        context, text in
        guard let context else { return postern_lua_text(.empty) }
        // SAFETY: as for modules.
        return Unmanaged<LuaEnvironment>.fromOpaque(context)._withUnsafeGuaranteedRef { environment in
            let answer = environment.command?(text.view.string) ?? ""
            return lend(answer, environment.lent)
        }
    }
}

extension postern_lua_edited {
    init(_ edit: HeaderEdit) {
        switch edit {
        case .done: self = POSTERN_LUA_DONE
        case .invalidName: self = POSTERN_LUA_INVALID_NAME
        case .invalidValue: self = POSTERN_LUA_INVALID_VALUE
        case .tooLarge: self = POSTERN_LUA_TOO_LARGE
        }
    }
}
