internal import CPosternABI
internal import Filtering
internal import Primitives

// What plugins call for the bytes of TCP connections.

private let ok = postern_status(POSTERN_OK)
private let badArgument = postern_status(POSTERN_BAD_ARGUMENT)
private let wrongPhase = postern_status(POSTERN_WRONG_PHASE)

/// The connection that a filter speaks of; nil for a request, and when it is over.
private func connection(_ stream: OpaquePointer?) -> (
    header: UnsafeMutablePointer<StreamHeader>, stream: NetworkStream
)? {
    guard let header = liveHeader(stream),
        let stream = header.pointee.stream.takeUnretainedValue() as? NetworkStream
    else { return nil }
    return (header, stream)
}

func networkInterface() -> postern_network_interface {
    var table = postern_network_interface()
    table.size = MemoryLayout<postern_network_interface>.size
    table.data = { stream, out in
        guard let header = liveHeader(stream), header.pointee.isInBody else { return wrongPhase }
        out?.pointee = header.pointee.stream._withUnsafeGuaranteedRef { postern_bytes($0.body) }
        return ok
    }
    table.replace_data = { stream, bytes in
        guard let (header, stream) = connection(stream), header.pointee.isInBody else { return wrongPhase }
        guard let bytes = bytes.view else { return badArgument }
        stream.replaceBody(bytes)
        return ok
    }
    table.write = { stream, way, bytes in
        guard let (_, stream) = connection(stream) else { return wrongPhase }
        guard let way = direction(way), let bytes = bytes.view else { return badArgument }
        // What the service would have said goes to the client.
        return stream.write(way, bytes) ? ok : wrongPhase
    }
    table.resume = { stream, way in
        guard let (header, stream) = connection(stream), let way = direction(way) else { return }
        stream.resume(way, by: Int(header.pointee.slot))
    }
    table.close = { stream, details in
        guard let (_, stream) = connection(stream), let details = details.view else { return }
        stream.closeConnection(details: details.string)
    }
    table.choose_service = { stream, service in
        guard let (header, stream) = connection(stream) else { return wrongPhase }
        let services = header.pointee.filter.takeUnretainedValue().configContext.services
        guard Int(service) < services.count else { return badArgument }
        return stream.choose(service: services[Int(service)].name) ? ok : wrongPhase
    }
    return table
}
