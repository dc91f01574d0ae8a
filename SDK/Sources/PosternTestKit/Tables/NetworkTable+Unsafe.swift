internal import CPosternABI
internal import PosternSDK

// What network filters call for the bytes of a connection.

private func with(
    _ stream: OpaquePointer?, _ body: (TestConnection) -> postern_status
) -> postern_status {
    TestStreams.find(stream)?.connection.map(body) ?? wrongPhase
}

func networkTable() -> postern_network_interface {
    var table = postern_network_interface()
    table.size = MemoryLayout<postern_network_interface>.size
    table.data = { stream, out in
        with(stream) {
            guard let bytes = $0.stream.body else { return wrongPhase }
            out?.pointee = $0.stream.memory.lend(bytes)
            return ok
        }
    }
    table.replace_data = { stream, bytes in
        with(stream) {
            guard $0.stream.body != nil else { return wrongPhase }
            guard let copy = bytes.copy else { return badArgument }
            $0.stream.replacement = copy
            return ok
        }
    }
    table.write = { stream, way, bytes in
        with(stream) {
            guard let way = StreamDirection(rawValue: way), let copy = bytes.copy else { return badArgument }
            return $0.write(way, copy) ? ok : wrongPhase
        }
    }
    table.resume = { stream, way in
        guard let way = StreamDirection(rawValue: way) else { return }
        TestStreams.find(stream)?.connection?.resume(way)
    }
    table.close = { stream, details in
        TestStreams.find(stream)?.connection?.close(details.string ?? "")
    }
    table.choose_service = { stream, service in
        with(stream) {
            let services = $0.filter.base.testPlace.services
            guard Int(service) < services.count else { return badArgument }
            return $0.choose(services[Int(service)]) ? ok : wrongPhase
        }
    }
    return table
}
