internal import CLua
internal import Filtering
internal import Primitives

// What callbacks ask of the exchange at hand.

extension LuaWorkerFilter {
    @inline(__always)
    func block(_ block: postern_lua_block) -> HeaderBlock {
        switch block {
        case POSTERN_LUA_REQUEST: self.stream.request
        case POSTERN_LUA_RESPONSE: self.stream.response
        case POSTERN_LUA_ANSWER: self.serviceAnswer ?? self.stream.response
        case POSTERN_LUA_REQUEST_TRAILERS: self.stream.requestTrailers
        default: self.stream.responseTrailers
        }
    }

    /// `:path`, `:status` and the like; `host` is another name of `:authority`, as in Envoy.
    func pseudoField(_ name: ByteView, of block: HeaderBlock) -> ByteView? {
        if name == ":status" { return block.status == 0 ? nil : self.statusText(block.status) }
        if !name.isEmpty, name[0] == 0x3A { return block.first(named: name) }
        if HeaderID.of(name) == .host { return block.authority.isEmpty ? nil : block.authority }
        return nil
    }

    /// Field number `index`, pseudo-fields first.
    func field(_ index: Int, of block: HeaderBlock) -> (name: ByteView, value: ByteView)? {
        var index = index
        if block.status != 0 {
            if index == 0 { return (ByteView(":status"), self.statusText(block.status)) }
            index -= 1
        }
        for (name, value) in [
            (":authority" as StaticString, block.authority), (":path", block.path), (":method", block.method),
            (":scheme", block.scheme),
        ] where !value.isEmpty {
            if index == 0 { return (ByteView(name), value) }
            index -= 1
        }
        guard index < block.count else { return nil }
        return (block.name(block[index]), block.value(block[index]))
    }

    func edit(
        _ block: HeaderBlock, _ edit: postern_lua_edit, _ name: ByteView, _ value: ByteView
    ) -> HeaderEdit {
        if edit == POSTERN_LUA_REMOVE {
            block.removeAll(named: name)
            return .done
        }
        if block === self.stream.request, HeaderID.of(name) == .host {
            return block.set(ByteView(":authority"), value)
        }
        return edit == POSTERN_LUA_ADD ? block.add(name, value) : block.set(name, value)
    }

    /// The value of an attribute, or why there is none of that name.
    enum AttributeAnswer {
        case value(AttributeValue)
        case unknown(ByteView)
    }

    func attribute(_ name: ByteView) -> AttributeAnswer {
        let text = name.string
        do {
            return .value(self.stream.attribute(try Attribute(parsing: text)))
        } catch {
            self.scratch.reset()
            self.scratch.append("\(error)")
            return .unknown(self.scratch.view)
        }
    }

    private func statusText(_ status: Int) -> ByteView {
        self.scratch.reset()
        self.scratch.appendDecimal(UInt64(status))
        return self.scratch.view
    }
}
