internal import CPosternABI

// What filters call to keep values: for all workers, and for one stream.

/// Runs `body` with the host, the store's name and a key.
private func withStore(
    _ stream: OpaquePointer?, _ number: postern_store, _ key: postern_bytes,
    _ body: (TestExchange, String, String) -> postern_status
) -> postern_status {
    guard let exchange = TestStreams.find(stream) else { return wrongPhase }
    let stores = exchange.filter.testPlace.stores
    guard let text = key.string, Int(number) < stores.count else { return badArgument }
    return key.len > 1024 ? tooLarge : body(exchange, stores[Int(number)], text)
}

private func lifetime(_ nanoseconds: UInt64) -> Duration? {
    nanoseconds == 0 ? nil : .nanoseconds(Int64(clamping: nanoseconds))
}

private let longestValue = 524_288

func storeTable() -> postern_store_interface {
    var table = postern_store_interface()
    table.size = MemoryLayout<postern_store_interface>.size
    table.open = { config, name, out in
        guard let place = TestPlace.configuring(config), let name = name.string, let out else {
            return badArgument
        }
        out.pointee = place.add(name.isEmpty ? place.name : name, to: \.stores)
        return ok
    }
    table.get = { stream, store, key, out in
        withStore(stream, store, key) { exchange, name, key in
            guard let value = exchange.filter.host.stored(key, in: name) else { return notFound }
            out?.pointee = exchange.memory.lend(value)
            return ok
        }
    }
    table.set = { stream, store, key, value, time in
        withStore(stream, store, key) { exchange, name, key in
            guard let value = value.copy else { return badArgument }
            if value.count > longestValue { return tooLarge }
            exchange.filter.host.store(key, value, in: name, lifetime: lifetime(time))
            return ok
        }
    }
    table.compare_and_set = { stream, store, key, expected, value, time in
        withStore(stream, store, key) { exchange, name, key in
            guard let value = value.copy else { return badArgument }
            if value.count > longestValue { return tooLarge }
            let host = exchange.filter.host
            guard host.stored(key, in: name) == expected?.pointee.copy else { return notFound }
            host.store(key, value, in: name, lifetime: lifetime(time))
            return ok
        }
    }
    table.increment = { stream, store, key, amount, time, out in
        withStore(stream, store, key) { exchange, name, key in
            let host = exchange.filter.host
            guard let sum = host.increment(key, by: amount, in: name, lifetime: lifetime(time)) else {
                return badArgument
            }
            out?.pointee = sum
            return ok
        }
    }
    table.remove = { stream, store, key in
        withStore(stream, store, key) { exchange, name, key in
            let host = exchange.filter.host
            guard host.stored(key, in: name) != nil else { return notFound }
            host.stores[name]?[key] = nil
            return ok
        }
    }
    return table
}

private func withMetadata(
    _ stream: OpaquePointer?, _ space: postern_bytes, _ key: postern_bytes,
    _ body: (TestExchange, String, String) -> postern_status
) -> postern_status {
    guard let exchange = TestStreams.find(stream) else { return wrongPhase }
    guard let space = space.string, let key = key.string, !space.isEmpty, !key.isEmpty else {
        return badArgument
    }
    return body(exchange, space, key)
}

func metadataTable() -> postern_metadata_interface {
    var table = postern_metadata_interface()
    table.size = MemoryLayout<postern_metadata_interface>.size
    table.set_text = { stream, space, key, value in
        withMetadata(stream, space, key) { exchange, space, key in
            guard let value = value.string else { return badArgument }
            exchange.setMetadata(space, key, json: json(of: value))
            return ok
        }
    }
    table.set_number = { stream, space, key, value in
        withMetadata(stream, space, key) { exchange, space, key in
            guard value.isFinite else { return badArgument }
            exchange.setMetadata(space, key, json: json(of: value))
            return ok
        }
    }
    table.set_bool = { stream, space, key, value in
        withMetadata(stream, space, key) { exchange, space, key in
            exchange.setMetadata(space, key, json: value == 0 ? "false" : "true")
            return ok
        }
    }
    table.set_json = { stream, space, key, text in
        withMetadata(stream, space, key) { exchange, space, key in
            guard let json = text.string.flatMap(canonical(json:)) else { return badArgument }
            exchange.setMetadata(space, key, json: json)
            return ok
        }
    }
    table.remove = { stream, space, key in
        withMetadata(stream, space, key) { exchange, space, key in
            guard exchange.metadata[space]?[key] != nil else { return notFound }
            exchange.metadata[space]?[key] = nil
            return ok
        }
    }
    table.get_json = { stream, space, key, out in
        withMetadata(stream, space, key) { exchange, space, key in
            guard let json = exchange.metadata(space, key) else { return notFound }
            out?.pointee = exchange.memory.lend(json.utf8)
            return ok
        }
    }
    return table
}
