internal import CPosternABI
internal import Filtering
internal import Primitives

// What plugins call to read and change fields. Not in a main.swift: callbacks there get main-actor checks.

private let ok = postern_status(POSTERN_OK)
private let notFound = postern_status(POSTERN_NOT_FOUND)
private let badArgument = postern_status(POSTERN_BAD_ARGUMENT)
private let wrongPhase = postern_status(POSTERN_WRONG_PHASE)

/// Runs `body` on the block that `section` names.
@inline(__always)
private func withBlock(
    _ stream: OpaquePointer?, _ section: postern_section, _ body: (HeaderBlock) -> postern_status
) -> postern_status {
    guard let header = liveHeader(stream) else { return wrongPhase }
    // SAFETY: StreamHeader.stream.
    return header.pointee.stream._withUnsafeGuaranteedRef { stream in
        switch section {
        case 0: body(stream.request)
        // Until a response's head is complete, its fields lie nowhere yet.
        case 1: stream.response.status != 0 ? body(stream.response) : wrongPhase
        case 2: body(stream.requestTrailers)
        case 3: body(stream.responseTrailers)
        default: badArgument
        }
    }
}

private func status(_ edit: HeaderEdit) -> postern_status {
    switch edit {
    case .done: ok
    case .invalidName, .invalidValue: badArgument
    case .tooLarge: postern_status(POSTERN_TOO_LARGE)
    }
}

@inline(__always)
private func pseudo(_ block: HeaderBlock, _ id: postern_header) -> ByteView? {
    switch id {
    case 256: block.method
    case 257: block.scheme
    case 258: block.authority
    case 259: block.path
    default: nil
    }
}

private func pseudoName(_ id: postern_header) -> ByteView? {
    switch id {
    case 256: ByteView(":method")
    case 257: ByteView(":scheme")
    case 258: ByteView(":authority")
    case 259: ByteView(":path")
    default: nil
    }
}

/// The value of the first field called `id`.
@inline(__always)
func firstValue(_ block: HeaderBlock, _ id: postern_header) -> ByteView? {
    if let known = HeaderID(wellKnown: id) { return block.first(known) }
    if let name = HeaderNames.name(id) {
        return block.firstIndex(other: name).map { block.value(block[$0]) }
    }
    return pseudo(block, id).flatMap { $0.isEmpty ? nil : $0 }
}

private func set(_ block: HeaderBlock, _ id: postern_header, _ value: ByteView) -> HeaderEdit? {
    if let known = HeaderID(wellKnown: id) { return block.set(known, value) }
    if let name = HeaderNames.name(id) {
        guard let index = block.firstIndex(other: name) else { return block.add(name, value) }
        let edit = block.replace(at: index, value)
        while edit == .done, let other = block.firstIndex(other: name, from: index + 1) {
            block.remove(at: other)
        }
        return edit
    }
    return pseudoName(id).map { block.set($0, value) }
}

private func add(_ block: HeaderBlock, _ id: postern_header, _ value: ByteView) -> HeaderEdit? {
    if let known = HeaderID(wellKnown: id) { return block.add(known, value) }
    return HeaderNames.name(id).map { block.add($0, value) }
}

func headersInterface() -> postern_http_headers_interface {
    var table = postern_http_headers_interface()
    table.size = MemoryLayout<postern_http_headers_interface>.size
    table.intern = { name, out in
        guard let name = name.view, let out, HeaderSyntax.isName(name) else { return badArgument }
        guard let number = HeaderNames.intern(name) else { return postern_status(POSTERN_TOO_LARGE) }
        out.pointee = number
        return ok
    }
    table.get = { stream, section, id, out in
        withBlock(stream, section) { block in
            guard let value = firstValue(block, id) else { return notFound }
            out?.pointee = postern_bytes(value)
            return ok
        }
    }
    table.get_named = { stream, section, name, out in
        withBlock(stream, section) { block in
            guard let name = name.view else { return badArgument }
            guard let value = block.first(named: name) else { return notFound }
            out?.pointee = postern_bytes(value)
            return ok
        }
    }
    table.set = { stream, section, id, value in
        withBlock(stream, section) { block in
            guard let value = value.view, let edit = set(block, id, value) else { return badArgument }
            return status(edit)
        }
    }
    table.set_named = { stream, section, name, value in
        withBlock(stream, section) { block in
            guard let name = name.view, let value = value.view else { return badArgument }
            return status(block.set(name, value))
        }
    }
    table.add = { stream, section, id, value in
        withBlock(stream, section) { block in
            guard let value = value.view, let edit = add(block, id, value) else { return badArgument }
            return status(edit)
        }
    }
    table.add_named = { stream, section, name, value in
        withBlock(stream, section) { block in
            guard let name = name.view, let value = value.view else { return badArgument }
            return status(block.add(name, value))
        }
    }
    table.remove = { stream, section, id in
        withBlock(stream, section) { block in
            if let known = HeaderID(wellKnown: id) {
                guard block.contains(known) else { return notFound }
                block.removeAll(known)
                return ok
            }
            guard let name = HeaderNames.name(id) else { return badArgument }
            return block.removeAll(named: name) ? ok : notFound
        }
    }
    table.remove_named = { stream, section, name in
        withBlock(stream, section) { block in
            guard let name = name.view else { return badArgument }
            return block.removeAll(named: name) ? ok : notFound
        }
    }
    table.count = { stream, section in
        var count = 0
        _ = withBlock(stream, section) { block in
            count = block.count
            return ok
        }
        return count
    }
    table.at = { stream, section, index, name, value in
        withBlock(stream, section) { block in
            guard index >= 0, index < block.count else { return notFound }
            name?.pointee = postern_bytes(block.name(block[index]))
            value?.pointee = postern_bytes(block.value(block[index]))
            return ok
        }
    }
    table.status = { stream in
        guard let header = liveHeader(stream) else { return 0 }
        return header.pointee.stream._withUnsafeGuaranteedRef { UInt32(clamping: $0.response.status) }
    }
    table.set_status = { stream, code in
        withBlock(stream, 1) { block in
            guard block.status != 0 else { return wrongPhase }
            guard (200...599).contains(code) else { return badArgument }
            block.status = Int(code)
            return ok
        }
    }
    return table
}
