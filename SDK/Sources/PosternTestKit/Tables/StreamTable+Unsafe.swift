internal import CPosternABI
internal import PosternSDK
internal import Synchronization

// What filters call for bodies, answers and work from other threads.

extension postern_field {
    fileprivate var pair: (name: String, value: [UInt8])? {
        guard let name = self.name.string, let value = self.value.copy, TestAttribute.isToken(name),
            value.allSatisfy({ $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 })
        else { return nil }
        return (name, value)
    }
}

/// A copy of fields that a plugin lends; nil when one is malformed.
func copyFields(_ start: UnsafePointer<postern_field>?, _ count: Int) -> TestFields? {
    // SAFETY: the ABI says that `start` addresses `count` fields until the call returns.
    guard count <= 1024, count == 0 || start != nil else { return nil }
    var fields = TestFields()
    for field in UnsafeBufferPointer(start: start, count: count) {
        guard let pair = field.pair else { return nil }
        fields.add(pair.name, String(decoding: pair.value, as: UTF8.self))
    }
    return fields
}

func streamTable() -> postern_http_stream_interface {
    var table = postern_http_stream_interface()
    table.size = MemoryLayout<postern_http_stream_interface>.size
    table.body = { stream, out in
        guard let exchange = TestStreams.find(stream), let body = exchange.body else { return wrongPhase }
        out?.pointee = exchange.memory.lend(body)
        return ok
    }
    table.replace_body = { stream, bytes in
        guard let exchange = TestStreams.find(stream), exchange.body != nil else { return wrongPhase }
        guard let copy = bytes.copy else { return badArgument }
        exchange.replacement = copy
        return ok
    }
    table.will_change_body = { stream, way in
        guard let exchange = TestStreams.find(stream) else { return wrongPhase }
        guard let way = StreamDirection(rawValue: way) else { return badArgument }
        exchange.pass(way).changesLength = true
        return ok
    }
    table.limit_buffer = { stream, way, bytes in
        guard let exchange = TestStreams.find(stream) else { return wrongPhase }
        guard let way = StreamDirection(rawValue: way) else { return badArgument }
        exchange.pass(way).limit = bytes
        return ok
    }
    table.respond = { stream, response in
        guard let exchange = TestStreams.find(stream) else { return wrongPhase }
        guard
            let response = response?.pointee, response.size >= POSTERN_LOCAL_RESPONSE_SIZE_1_0,
            (200...599).contains(response.status),
            let fields = copyFields(response.fields, response.field_count),
            let body = response.body.copy, let details = response.details.string
        else { return badArgument }
        let reply = TestResponse(
            Int(response.status), headers: fields, body: TestBody(parts: body.isEmpty ? [] : [body]))
        guard exchange.respond(reply, details: details) else { return wrongPhase }
        exchange.hasResponded = true
        return ok
    }
    table.resume = { stream, way in
        guard let exchange = TestStreams.find(stream), let way = StreamDirection(rawValue: way) else {
            return
        }
        if let connection = exchange.connection { return connection.resume(way) }
        exchange.pass(way).resume()
    }
    table.clear_route = { stream in TestStreams.find(stream)?.routesCleared += 1 }
    return table
}

func anyStreamTable() -> postern_stream_interface {
    var table = postern_stream_interface()
    table.size = MemoryLayout<postern_stream_interface>.size
    table.id = { stream in TestStreams.find(stream).map(TestStreams.id(of:)) ?? 0 }
    table.post = { id, work, user, release in
        let posted = PostedWork(id: id, call: UserCall(user, release), work: work)
        TestStreams.host(of: id)?.shared.withLock { $0.posted.append(posted) }
    }
    return table
}
