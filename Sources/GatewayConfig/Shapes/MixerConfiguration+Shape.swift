internal import Primitives

extension ConfigShape where Value == MixerConfiguration {
    static var mixer: Self {
        .object(
            MixerConfiguration(),
            [
                .key(
                    "defaults", \.defaults, .word(),
                    "The rules there are without any being written: Istio's metrics, or none."),
                .key(
                    "handlers", \.handlers, .list(of: .handler, unique: \.name),
                    "Backends, each an adapter with its configuration."),
                .key(
                    "instances", \.instances, .list(of: .instance, unique: \.name),
                    "What is made of a request for handlers."),
                .key(
                    "rules", \.rules, .list(of: .mixerRule),
                    "Which requests' instances go to which handlers."),
            ])
    }
}

extension ConfigShape where Value == HandlerConfiguration {
    fileprivate static var handler: Self {
        Self.object(
            HandlerConfiguration(name: "", adapter: ""),
            [
                .required("name", \.name, .name(defining: .handler), "What rules and metrics call it."),
                .required("adapter", \.adapter, .pluginName, "The adapter's plugin."),
                .key("config", \.config, .tree, "What the adapter's own schema describes."),
                .key(
                    "onFull", \.onFull, .word(),
                    "Lose and count records for which there is no room, or keep all in a file."),
                .key(
                    "queue", \.queue, .byteCount(.kibibytes(64)...(.gibibytes(1))),
                    "The most memory of records that wait."),
                .key("batch", \.batch, .deliveryBatch, "How many records the adapter is given at once."),
                .key("retry", \.retry, .deliveryRetry, "When what failed is tried again."),
                .key(
                    "spool", \.spool, ConfigShape<DeliverySpool>.deliverySpool.optional,
                    "Where records wait with `onFull: spool`."),
                .key(
                    "metricInterval", \.metricInterval, .duration(.milliseconds(100)...(.seconds(3600))),
                    "From one report of metrics to the next."),
                .key(
                    "threads", \.threads, .integer(1...64),
                    "Threads for checks and quotas of an adapter that may block."),
                .key(
                    "timeout", \.timeout, .timeout,
                    "The longest wait of a request for a check or a quota that blocks."),
                .location(\.location),
            ]
        ).checked { handler, node, reading in
            if handler.name == MixerConfiguration.adminHandler {
                reading.problem(node, "`admin` is the name of the gateway's own metrics; choose another")
            }
            if handler.onFull == .spool, handler.spool == nil {
                reading.problem(node, "`onFull: spool` needs `spool.path`")
            }
            if handler.onFull == .drop, let spool = node["spool"] {
                reading.problem(spool, "`spool` has no meaning without `onFull: spool`")
            }
        }
    }
}

extension ConfigShape where Value == DeliveryBatch {
    fileprivate static var deliveryBatch: Self {
        .object(
            DeliveryBatch(),
            [
                .key("records", \.records, .integer(1...65_536), "The most records."),
                .key(
                    "interval", \.interval, .duration(.milliseconds(1)...(.seconds(3600))),
                    "The longest wait for more."),
            ])
    }
}

extension ConfigShape where Value == DeliveryRetry {
    fileprivate static var deliveryRetry: Self {
        .object(
            DeliveryRetry(),
            [
                .key(
                    "initial", \.initial, .duration(.milliseconds(1)...(.seconds(3600))),
                    "The first wait; each further one is twice as long."),
                .key("limit", \.limit, .timeout, "The longest wait."),
            ])
    }
}

extension ConfigShape where Value == DeliverySpool {
    fileprivate static var deliverySpool: Self {
        .object(
            DeliverySpool(),
            [
                .required("path", \.path, .filePath, "A folder; the handler has one of its own in it."),
                .key(
                    "limit", \.limit, .byteCount(.mebibytes(16)...(.gibibytes(1024))),
                    "The most bytes on disk."),
            ])
    }
}

extension ConfigShape where Value == InstanceConfiguration {
    fileprivate static var instance: Self {
        .object(
            InstanceConfiguration(name: "", template: ""),
            [
                .required("name", \.name, .name(defining: .instance), "What rules call it."),
                .required(
                    "template", \.template, .word(InstanceConfiguration.templates), "What it is made by."),
                .key("params", \.params, .tree, "What the template wants; most values are expressions."),
                .key(
                    "attributeBindings", \.attributeBindings, .tree,
                    "With `template: attributes`: what the adapter's answers (`$out.x`) become."
                ),
                .location(\.location),
            ])
    }
}

extension ConfigShape where Value == MixerRule {
    fileprivate static var mixerRule: Self {
        Self.object(
            MixerRule(),
            [
                .key(
                    "match", \.match, ConfigShape<ConfigNode>.expression.optional,
                    "An expression that says whether; every request when absent."),
                .key("actions", \.actions, .list(of: .mixerAction), "What goes to which handler."),
                .key(
                    "sampling", \.sampling, ConfigShape<MixerSampling>.sampling.optional,
                    "How many of the requests that match are reported; all when absent."),
                .key(
                    "requestHeaders", \.requestHeaders, .mixerHeaders,
                    "Changes to what the service sees; values are expressions."),
                .key(
                    "responseHeaders", \.responseHeaders, .mixerHeaders,
                    "Changes to what the client sees; values are expressions."),
                .key(
                    "onFailure", \.onFailure, .word(),
                    "What becomes of a request whose check or quota could not be asked."),
                .location(\.location),
            ]
        ).checked { rule, node, reading in
            if rule.actions.isEmpty, rule.requestHeaders.isEmpty, rule.responseHeaders.isEmpty {
                reading.problem(
                    node, "does nothing: it needs `actions`, `requestHeaders` or `responseHeaders`")
            }
        }
    }
}

extension ConfigShape where Value == MixerAction {
    fileprivate static var mixerAction: Self {
        .object(
            MixerAction(),
            [
                .required("handler", \.handler, .name(of: .handler), "The name of a handler."),
                .required(
                    "instances", \.instances, .list(of: .name(of: .instance), atLeast: 1, unique: { $0 }),
                    "The names of instances."),
                .location(\.location),
            ])
    }
}

extension ConfigShape where Value == MixerSampling {
    fileprivate static var sampling: Self {
        .object(
            MixerSampling(),
            [
                .key("percent", \.percent, ConfigShape<Double>.percent.optional, "A share of them."),
                .key(
                    "key", \.key, ConfigShape<ConfigNode>.expression.optional,
                    "Requests with the same value of this expression are treated alike."),
                .key(
                    "perSecond", \.perSecond, ConfigShape<Int>.integer(1...1_000_000).optional,
                    "At most so many, over all workers."),
            ])
    }
}

extension ConfigShape where Value == MixerHeaders {
    fileprivate static var mixerHeaders: Self {
        let pairs = ConfigShape<[MixerHeaders.Pair]>.map(of: .expression, named: .writableHeaderName) {
            MixerHeaders.Pair(name: $0, value: $1)
        }
        return .object(
            MixerHeaders(),
            [
                .key("set", \.set, pairs, "Takes the place of every field of that name."),
                .key("add", \.add, pairs, "Comes beside fields of that name."),
                .key(
                    "remove", \.remove, .list(of: .writableHeaderName, unique: { $0 }), "Fields that go."),
            ])
    }
}

extension ConfigShape where Value == ConfigNode {
    /// The text of an expression; what it says is checked where attributes are known.
    fileprivate static var expression: Self {
        Self(
            schema: .object([
                "anyOf": ConfigNode(
                    .array([
                        .object(["type": "string"]), .object(["type": "number"]),
                        .object(["type": "boolean"]),
                    ]))
            ])
        ) {
            node, reading in
            switch node.value {
            case .string, .integer, .number, .bool: return node
            default:
                reading.problem(node, "must be an expression, got \(node.shown)")
                return nil
            }
        }
    }
}

extension ConfigShape where Value == Double {
    fileprivate static var percent: Self {
        Self(schema: .object(["type": "number", "minimum": 0, "maximum": 100])) { node, reading in
            let value: Double? =
                switch node.value {
                case .integer(let number): Double(number)
                case .number(let number): number
                default: nil
                }
            guard let value, (0...100).contains(value) else {
                reading.problem(node, "must be a number in 0...100, got \(node.shown)")
                return nil
            }
            return value
        }
    }
}
