internal import CPosternABI
internal import Filtering
internal import Primitives

// What plugins call while they are configured, and for their log.

private let ok = postern_status(POSTERN_OK)
private let badArgument = postern_status(POSTERN_BAD_ARGUMENT)

/// Longer lines of a plugin's log are cut, in bytes.
private let longestLine = 4096
/// The most bounds of a histogram.
private let largestBoundCount = 64

/// A histogram's bounds as they are counted by; nil for what postern_metrics.h does not allow.
private func wholeBounds(_ start: UnsafePointer<Double>?, _ count: Int) -> [UInt64]? {
    guard (0...largestBoundCount).contains(count), count == 0 || start != nil else { return nil }
    // SAFETY: postern_metrics.h: `start` addresses `count` numbers until the call returns.
    let bounds = UnsafeBufferPointer(start: start, count: count)
    guard bounds.allSatisfy({ $0 >= 0 && $0 <= 0x1p53 }) else { return nil }
    let whole = bounds.compactMap(UInt64.init(exactly:))
    return whole.count == count ? whole : nil
}

extension FilterMetricKind {
    fileprivate init?(_ kind: postern_metric_kind) {
        switch Int(kind) {
        case POSTERN_METRIC_COUNTER: self = .counter
        case POSTERN_METRIC_GAUGE: self = .gauge
        case POSTERN_METRIC_HISTOGRAM: self = .histogram
        default: return nil
        }
    }
}

func configInterface() -> postern_config_interface {
    var table = postern_config_interface()
    table.size = MemoryLayout<postern_config_interface>.size
    table.problem = { config, pointer, message in
        guard let context = ConfigContext.configuring(config), let pointer = pointer.view,
            let message = message.view
        else {
            return
        }
        context.report(pointer.string, message.string)
    }
    return table
}

func logInterface() -> postern_log_interface {
    var table = postern_log_interface()
    table.size = MemoryLayout<postern_log_interface>.size
    table.is_logged = { config, level in
        guard let context = ConfigContext.from(config), let level = logLevel(level) else { return 0 }
        return context.host.isLogged(level) ? 1 : 0
    }
    table.write = { config, level, message in
        guard
            let context = ConfigContext.from(config), let level = logLevel(level), let message = message.view
        else { return }
        context.host.log(level, filter: context.filter, message[0..<min(message.count, longestLine)].string)
    }
    return table
}

private func logLevel(_ level: postern_log_level) -> FilterLogLevel? {
    FilterLogLevel(rawValue: UInt8(clamping: level))
}

func attributesInterface() -> postern_attributes_interface {
    var table = postern_attributes_interface()
    table.size = MemoryLayout<postern_attributes_interface>.size
    table.compile = { config, expression, pointer, out in
        guard
            let context = ConfigContext.configuring(config), let expression = expression.view,
            let pointer = pointer.view,
            let out,
            let number = context.compile(expression.string, at: pointer.string)
        else { return badArgument }
        out.pointee = number
        return ok
    }
    table.bytes = { stream, attribute, out in
        guard let header = liveHeader(stream) else { return postern_status(POSTERN_WRONG_PHASE) }
        let filter = header.pointee.filter
        let value = filter._withUnsafeGuaranteedRef { $0.attribute(attribute, header) }
        switch value {
        case .none: return postern_status(POSTERN_NOT_FOUND)
        case .bytes(let view): out?.pointee = postern_bytes(view)
        case .integer(let number):
            out?.pointee = filter._withUnsafeGuaranteedRef { postern_bytes($0.decimal(number)) }
        }
        return ok
    }
    table.integer = { stream, attribute, out in
        guard let header = liveHeader(stream) else { return postern_status(POSTERN_WRONG_PHASE) }
        let value = header.pointee.filter._withUnsafeGuaranteedRef { $0.attribute(attribute, header) }
        switch value {
        case .integer(let number): out?.pointee = number
        case .bytes(let view):
            guard let number = view.decimal(), let fitting = Int64(exactly: number) else {
                return postern_status(POSTERN_NOT_FOUND)
            }
            out?.pointee = fitting
        case .none: return postern_status(POSTERN_NOT_FOUND)
        }
        return ok
    }
    return table
}

func metricsInterface() -> postern_metrics_interface {
    var table = postern_metrics_interface()
    table.size = MemoryLayout<postern_metrics_interface>.size
    table.define = { config, kind, name, help, bounds, count, out in
        guard
            let context = ConfigContext.configuring(config), let name = name.view, let help = help.view,
            let out,
            let kind = FilterMetricKind(kind), let bounds = wholeBounds(bounds, count),
            let metric = context.host.defineMetric(
                of: context.owner, name: name.string, help: help.string, kind: kind, bounds: bounds)
        else { return badArgument }
        out.pointee = metric.rawValue
        return ok
    }
    table.add = { stream, metric, value in
        guard let header = liveHeader(stream) else { return }
        header.pointee.stream._withUnsafeGuaranteedRef {
            $0.worker.add(FilterMetric(rawValue: metric), value)
        }
    }
    table.set = { stream, metric, value in
        guard let header = liveHeader(stream) else { return }
        header.pointee.stream._withUnsafeGuaranteedRef {
            $0.worker.set(FilterMetric(rawValue: metric), value)
        }
    }
    table.observe = { stream, metric, value in
        guard let header = liveHeader(stream) else { return }
        header.pointee.stream._withUnsafeGuaranteedRef {
            $0.worker.observe(FilterMetric(rawValue: metric), value)
        }
    }
    table.config_add = { config, metric, value in
        ConfigContext.from(config)?.host.add(FilterMetric(rawValue: metric), value)
    }
    table.config_set = { config, metric, value in
        ConfigContext.from(config)?.host.set(FilterMetric(rawValue: metric), value)
    }
    table.config_observe = { config, metric, value in
        ConfigContext.from(config)?.host.observe(FilterMetric(rawValue: metric), value)
    }
    return table
}

func tokenBucketsInterface() -> postern_token_buckets_interface {
    var table = postern_token_buckets_interface()
    table.size = MemoryLayout<postern_token_buckets_interface>.size
    table.create = { config, name, capacity, interval, keys, out in
        guard
            let context = ConfigContext.configuring(config), let name = name.view, let out,
            capacity > 0, interval > 0, interval <= UInt64(Int64.max), keys > 0,
            let set = context.host.tokenBuckets(
                name: "\(context.place)/\(name.string)", capacity: capacity,
                interval: .nanoseconds(Int64(interval)), keys: keys
            )
        else { return badArgument }
        out.pointee = context.add(set)
        return ok
    }
    table.take = { stream, buckets, tokens, key, out in
        guard let header = liveHeader(stream) else { return postern_status(POSTERN_WRONG_PHASE) }
        guard let key = key.view, out.map({ $0.pointee.size >= POSTERN_TOKEN_ANSWER_SIZE_1_0 }) ?? true
        else { return badArgument }
        let answer = header.pointee.filter._withUnsafeGuaranteedRef { $0.take(buckets, tokens, key, header) }
        guard let answer else { return badArgument }
        out?.pointee.is_allowed = answer.isAllowed ? 1 : 0
        out?.pointee.remaining = answer.remaining
        out?.pointee.retry_after_ns = answer.retryAfter
        out?.pointee.reset_ns = answer.reset
        return ok
    }
    return table
}
