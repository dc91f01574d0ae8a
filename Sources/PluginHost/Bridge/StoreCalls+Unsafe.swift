internal import CPosternABI
internal import Filtering
internal import GatewayConfig
internal import Primitives

// What plugins call to keep values: for all workers, and for one stream.

private let ok = postern_status(POSTERN_OK)
private let notFound = postern_status(POSTERN_NOT_FOUND)
private let badArgument = postern_status(POSTERN_BAD_ARGUMENT)
private let wrongPhase = postern_status(POSTERN_WRONG_PHASE)

/// Runs `body` with the table called `number` and a key.
private func withStore(
    _ stream: OpaquePointer?, _ number: postern_store, _ key: postern_bytes,
    _ body: (NativePlace, FilterStore, ByteView, MonotonicTime) -> postern_status
) -> postern_status {
    guard let header = liveHeader(stream) else { return wrongPhase }
    let filter = header.pointee.filter.takeUnretainedValue()
    guard let key = key.view, Int(number) < filter.configContext.stores.count else { return badArgument }
    if key.count > FilterStore.keyLimit { return postern_status(POSTERN_TOO_LARGE) }
    let now = header.pointee.stream.takeUnretainedValue().worker.now
    return body(filter, filter.configContext.stores[Int(number)], key, now)
}

func storeInterface() -> postern_store_interface {
    var table = postern_store_interface()
    table.size = MemoryLayout<postern_store_interface>.size
    table.open = { config, name, out in
        guard let context = ConfigContext.configuring(config), let name = name.view, let out else {
            return badArgument
        }
        out.pointee = context.add(
            context.host.store(name: name.isEmpty ? context.filter : name.string))
        return ok
    }
    table.get = { stream, store, key, out in
        withStore(stream, store, key) { filter, store, key, now in
            guard let value = store.get(key, now: now) else { return notFound }
            out?.pointee = postern_bytes(filter.lend(value))
            return ok
        }
    }
    table.set = { stream, store, key, value, lifetime in
        withStore(stream, store, key) { _, store, key, now in
            guard let value = value.view else { return badArgument }
            return store.set(key, value, lifetime: lifetime, now: now)
                ? ok : postern_status(POSTERN_TOO_LARGE)
        }
    }
    table.compare_and_set = { stream, store, key, expected, value, lifetime in
        withStore(stream, store, key) { _, store, key, now in
            guard let value = value.view else { return badArgument }
            if value.count > FilterStore.valueLimit { return postern_status(POSTERN_TOO_LARGE) }
            var present: ByteView?
            if let expected {
                guard let view = expected.pointee.view else { return badArgument }
                present = view
            }
            return store.compareAndSet(key, expected: present, value, lifetime: lifetime, now: now)
                ? ok : notFound
        }
    }
    table.increment = { stream, store, key, amount, lifetime, out in
        withStore(stream, store, key) { _, store, key, now in
            guard let sum = store.increment(key, by: amount, lifetime: lifetime, now: now) else {
                return badArgument
            }
            out?.pointee = sum
            return ok
        }
    }
    table.remove = { stream, store, key in
        withStore(stream, store, key) { _, store, key, now in store.remove(key, now: now) ? ok : notFound }
    }
    return table
}

/// Runs `body` with the stream and the names of a value in its metadata.
private func withMetadata(
    _ stream: OpaquePointer?, _ space: postern_bytes, _ key: postern_bytes,
    _ body: (FilterStream, String, String) -> postern_status
) -> postern_status {
    guard let header = liveHeader(stream) else { return wrongPhase }
    guard let space = space.view, let key = key.view, !space.isEmpty, !key.isEmpty else {
        return badArgument
    }
    return body(header.pointee.stream.takeUnretainedValue(), space.string, key.string)
}

func metadataInterface() -> postern_metadata_interface {
    var table = postern_metadata_interface()
    table.size = MemoryLayout<postern_metadata_interface>.size
    table.set_text = { stream, space, key, value in
        withMetadata(stream, space, key) { stream, space, key in
            guard let value = value.view else { return badArgument }
            stream.metadata[space, key] = .text(value.string)
            return ok
        }
    }
    table.set_number = { stream, space, key, value in
        withMetadata(stream, space, key) { stream, space, key in
            guard value.isFinite else { return badArgument }
            stream.metadata[space, key] = .number(value)
            return ok
        }
    }
    table.set_bool = { stream, space, key, value in
        withMetadata(stream, space, key) { stream, space, key in
            stream.metadata[space, key] = .bool(value != 0)
            return ok
        }
    }
    table.set_json = { stream, space, key, json in
        withMetadata(stream, space, key) { stream, space, key in
            guard let json = json.view else { return badArgument }
            let reading = ConfigDocument.read(json.bytes, as: .json)
            guard let root = reading.root, reading.problems.isEmpty else { return badArgument }
            stream.metadata[space, key] = MetadataValue(root)
            return ok
        }
    }
    table.remove = { stream, space, key in
        withMetadata(stream, space, key) { stream, space, key in
            guard stream.metadata[space, key] != nil else { return notFound }
            stream.metadata[space, key] = nil
            return ok
        }
    }
    table.get_json = { pointer, space, key, out in
        withMetadata(pointer, space, key) { stream, space, key in
            guard let value = stream.metadata[space, key], let header = liveHeader(pointer) else {
                return notFound
            }
            let filter = header.pointee.filter.takeUnretainedValue()
            out?.pointee = postern_bytes(filter.lend(Array(value.node.json().utf8)))
            return ok
        }
    }
    return table
}
