internal import CPosternABI
internal import PosternSDK
internal import Synchronization

// What filters call while they are configured, for their log, attributes, metrics and buckets.

func configTable() -> postern_config_interface {
    var table = postern_config_interface()
    table.size = MemoryLayout<postern_config_interface>.size
    table.problem = { config, pointer, message in
        guard let place = TestPlace.configuring(config), let pointer = pointer.string,
            let message = message.string
        else { return }
        place.problems.append(ConfigProblem(pointer, message))
    }
    return table
}

func logTable() -> postern_log_interface {
    var table = postern_log_interface()
    table.size = MemoryLayout<postern_log_interface>.size
    table.is_logged = { config, level in
        guard let place = TestPlace.from(config), Log.Level(rawValue: level) != nil else { return 0 }
        return level >= place.host.logLevel.rawValue ? 1 : 0
    }
    table.write = { config, level, message in
        guard let place = TestPlace.from(config), let level = Log.Level(rawValue: level),
            let message = message.string
        else { return }
        place.host.shared.withLock {
            $0.lines.append(TestHost.LogLine(level: level, message: message))
        }
    }
    return table
}

func attributesTable() -> postern_attributes_interface {
    var table = postern_attributes_interface()
    table.size = MemoryLayout<postern_attributes_interface>.size
    table.compile = { config, expression, pointer, out in
        guard let place = TestPlace.configuring(config), let expression = expression.string,
            let pointer = pointer.string, let out
        else { return badArgument }
        guard let attribute = TestAttribute(expression) else {
            place.problems.append(ConfigProblem(pointer, "'\(expression)' is no attribute"))
            return badArgument
        }
        place.attributes.append(attribute)
        out.pointee = UInt32(place.attributes.count - 1)
        return ok
    }
    table.bytes = { stream, attribute, out in
        guard let exchange = TestStreams.find(stream) else { return wrongPhase }
        guard let value = exchange.attribute(attribute) else { return notFound }
        out?.pointee = exchange.memory.lend(value.utf8)
        return ok
    }
    table.integer = { stream, attribute, out in
        guard let exchange = TestStreams.find(stream) else { return wrongPhase }
        guard let value = exchange.attribute(attribute).flatMap({ Int64($0) }) else { return notFound }
        out?.pointee = value
        return ok
    }
    return table
}

extension TestExchange {
    fileprivate func attribute(_ number: postern_attribute) -> String? {
        let known = self.filter.testPlace.attributes
        return Int(number) < known.count ? self.value(of: known[Int(number)]) : nil
    }
}

func metricsTable() -> postern_metrics_interface {
    var table = postern_metrics_interface()
    table.size = MemoryLayout<postern_metrics_interface>.size
    table.define = { config, kind, name, _, bounds, count, out in
        guard let place = TestPlace.configuring(config), let name = name.string, let out, count <= 64,
            areBounds(bounds, count),
            let number = place.host.define(name, kind: kind)
        else { return badArgument }
        out.pointee = number
        return ok
    }
    table.add = { stream, metric, value in
        TestStreams.find(stream)?.filter.host.change(metric) { $0.value += value }
    }
    table.set = { stream, metric, value in
        TestStreams.find(stream)?.filter.host.change(metric) { $0.value = value }
    }
    table.observe = { stream, metric, value in
        TestStreams.find(stream)?.filter.host.change(metric) { $0.observations.append(value) }
    }
    table.config_add = { config, metric, value in
        TestPlace.from(config)?.host.change(metric) { $0.value += value }
    }
    table.config_set = { config, metric, value in
        TestPlace.from(config)?.host.change(metric) { $0.value = value }
    }
    table.config_observe = { config, metric, value in
        TestPlace.from(config)?.host.change(metric) { $0.observations.append(value) }
    }
    return table
}

/// Ascending whole numbers from 0 to 2^53.
private func areBounds(_ start: UnsafePointer<Double>?, _ count: Int) -> Bool {
    guard count > 0 else { return true }
    guard let start else { return false }
    let bounds = Array(UnsafeBufferPointer(start: start, count: count))
    return bounds.allSatisfy { $0 >= 0 && $0 <= 0x1p53 && $0 == $0.rounded() }
        && zip(bounds, bounds.dropFirst()).allSatisfy { $0 < $1 }
}

func bucketsTable() -> postern_token_buckets_interface {
    var table = postern_token_buckets_interface()
    table.size = MemoryLayout<postern_token_buckets_interface>.size
    table.create = { config, name, capacity, interval, keys, out in
        guard let place = TestPlace.configuring(config), let name = name.string, let out, capacity > 0,
            interval > 0, interval <= UInt64(Int64.max), keys > 0
        else { return badArgument }
        let key = "\(place.name)/\(name)/\(capacity)/\(interval)"
        if place.host.buckets[key] == nil {
            place.host.buckets[key] = TestBuckets(capacity: capacity, interval: interval)
        }
        out.pointee = place.add(key, to: \.buckets)
        return ok
    }
    table.take = { stream, buckets, tokens, key, out in
        guard let exchange = TestStreams.find(stream) else { return wrongPhase }
        let (place, host) = (exchange.filter.testPlace, exchange.filter.host)
        guard let key = key.copy, Int(buckets) < place.buckets.count,
            out.map({ $0.pointee.size >= POSTERN_TOKEN_ANSWER_SIZE_1_0 }) ?? true
        else { return badArgument }
        let now = UInt64(clamping: host.time.nanoseconds)
        let name = place.buckets[Int(buckets)]
        guard let answer = host.buckets[name]?.take(tokens, key, now: now) else { return badArgument }
        out?.pointee.is_allowed = answer.isAllowed ? 1 : 0
        out?.pointee.remaining = answer.remaining
        out?.pointee.retry_after_ns = answer.retryAfter
        out?.pointee.reset_ns = answer.reset
        return ok
    }
    return table
}

extension Duration {
    /// Whole nanoseconds, for durations of less than 292 years.
    var nanoseconds: Int64 {
        self.components.seconds * 1_000_000_000 + self.components.attoseconds / 1_000_000_000
    }
}
