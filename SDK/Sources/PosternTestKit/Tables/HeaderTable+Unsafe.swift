internal import CPosternABI

// What filters call to read and change fields.

private func withFields(
    _ stream: OpaquePointer?, _ section: postern_section, _ body: (TestExchange, Int) -> postern_status
) -> postern_status {
    guard let exchange = TestStreams.find(stream) else { return wrongPhase }
    return section < 4 ? body(exchange, Int(section)) : badArgument
}

/// As ``withFields(_:_:_:)`` for a change: a head that has left is none to be changed.
private func withEditable(
    _ stream: OpaquePointer?, _ section: postern_section, _ body: (TestExchange, Int) -> postern_status
) -> postern_status {
    withFields(stream, section) { exchange, section in
        let isSealed = section == 0 ? exchange.forwarded != nil : section == 1 && exchange.response != nil
        return isSealed ? wrongPhase : body(exchange, section)
    }
}

/// As ``withFields(_:_:_:)`` with a name that a number stands for.
private func withNamed(
    _ stream: OpaquePointer?, _ section: postern_section, _ number: postern_header, isEdit: Bool = true,
    _ body: (TestExchange, Int, String) -> postern_status
) -> postern_status {
    (isEdit ? withEditable : withFields)(stream, section) { exchange, section in
        TestNames.name(number).map { body(exchange, section, $0) } ?? badArgument
    }
}

private func isValue(_ bytes: [UInt8]) -> Bool {
    bytes.allSatisfy { $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 }
}

private func get(
    _ exchange: TestExchange, _ section: Int, _ name: String, _ out: UnsafeMutablePointer<postern_bytes>?
) -> postern_status {
    guard let value = exchange.pseudo(section, name) ?? exchange.fields(section)[name] else {
        return notFound
    }
    out?.pointee = exchange.memory.lend(value.utf8)
    return ok
}

private func set(_ exchange: TestExchange, _ section: Int, _ name: String, _ value: postern_bytes)
    -> postern_status
{
    guard let value = value.copy else { return badArgument }
    let text = String(decoding: value, as: UTF8.self)
    if name.hasPrefix(":") { return exchange.setPseudo(section, name, text) ? ok : badArgument }
    guard TestAttribute.isToken(name), isValue(value) else { return badArgument }
    exchange.change(section) { $0[name] = text }
    return ok
}

private func add(_ exchange: TestExchange, _ section: Int, _ name: String, _ value: postern_bytes)
    -> postern_status
{
    guard let value = value.copy, TestAttribute.isToken(name), isValue(value) else { return badArgument }
    exchange.change(section) { $0.add(name, String(decoding: value, as: UTF8.self)) }
    return ok
}

private func remove(_ exchange: TestExchange, _ section: Int, _ name: String) -> postern_status {
    if exchange.fields(section)[name] == nil { return notFound }
    exchange.change(section) { $0[name] = nil }
    return ok
}

func headersTable() -> postern_http_headers_interface {
    var table = postern_http_headers_interface()
    table.size = MemoryLayout<postern_http_headers_interface>.size
    table.intern = { name, out in
        guard let name = name.string, let out, TestAttribute.isToken(name) else { return badArgument }
        guard let number = TestNames.intern(name) else { return tooLarge }
        out.pointee = number
        return ok
    }
    table.get = { stream, section, number, out in
        withNamed(stream, section, number, isEdit: false) { get($0, $1, $2, out) }
    }
    table.get_named = { stream, section, name, out in
        withFields(stream, section) { exchange, section in
            name.string.map { get(exchange, section, $0, out) } ?? badArgument
        }
    }
    table.set = { stream, section, number, value in
        withNamed(stream, section, number) { set($0, $1, $2, value) }
    }
    table.set_named = { stream, section, name, value in
        withEditable(stream, section) { exchange, section in
            name.string.map { set(exchange, section, $0, value) } ?? badArgument
        }
    }
    table.add = { stream, section, number, value in
        withNamed(stream, section, number) { add($0, $1, $2, value) }
    }
    table.add_named = { stream, section, name, value in
        withEditable(stream, section) { exchange, section in
            name.string.map { add(exchange, section, $0, value) } ?? badArgument
        }
    }
    table.remove = { stream, section, number in withNamed(stream, section, number) { remove($0, $1, $2) } }
    table.remove_named = { stream, section, name in
        withEditable(stream, section) { exchange, section in
            name.string.map { remove(exchange, section, $0) } ?? badArgument
        }
    }
    table.count = { stream, section in
        guard section < 4 else { return 0 }
        return TestStreams.find(stream)?.fields(Int(section)).list.count ?? 0
    }
    table.at = { stream, section, index, name, value in
        withFields(stream, section) { exchange, section in
            let list = exchange.fields(section).list
            guard list.indices.contains(index) else { return notFound }
            name?.pointee = exchange.memory.lend(list[index].name.utf8)
            value?.pointee = exchange.memory.lend(list[index].value.utf8)
            return ok
        }
    }
    table.status = { stream in UInt32(clamping: TestStreams.find(stream)?.answerHead.status ?? 0) }
    table.set_status = { stream, status in
        withEditable(stream, 1) { exchange, _ in
            guard exchange.answerHead.status != 0 else { return wrongPhase }
            guard (200...599).contains(status) else { return badArgument }
            exchange.answerHead.status = Int(status)
            return ok
        }
    }
    return table
}

extension TestExchange {
    /// A pseudo-field of the request; nil for any other name.
    fileprivate func pseudo(_ section: Int, _ name: String) -> String? {
        guard section == 0 else { return nil }
        switch name {
        case ":method": return self.request.method
        case ":scheme": return self.request.scheme
        case ":authority": return self.request.authority
        case ":path": return self.request.path
        default: return nil
        }
    }

    fileprivate func setPseudo(_ section: Int, _ name: String, _ value: String) -> Bool {
        guard section == 0 else { return false }
        switch name {
        case ":method" where TestAttribute.isToken(value): self.request.method = value
        case ":scheme" where value == "http" || value == "https": self.request.scheme = value
        case ":authority" where !value.isEmpty && value.utf8.allSatisfy { $0 > 0x20 && $0 != 0x2F }:
            self.request.authority = value
        case ":path"
        where value.hasPrefix("/") && value.utf8.allSatisfy { $0 > 0x20 && $0 != 0x7F && $0 != 0x23 }:
            self.request.path = value
        default: return false
        }
        return true
    }
}
