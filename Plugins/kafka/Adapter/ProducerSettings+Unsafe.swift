internal import CKafka
internal import PluginSupport
internal import PosternSDK

/// Properties of librdkafka.
struct ProducerSettings: Sendable {
    /// In the order in which they are set.
    let properties: [(name: String, value: String)]
    let timeout: Duration

    init(_ config: Kafka.Config) throws(ConfigProblem) {
        self.timeout = try Duration(timeout: config.timeout)
        let milliseconds =
            self.timeout.components.seconds * 1000
            + self.timeout.components.attoseconds / 1_000_000_000_000_000
        for (index, broker) in config.brokers.enumerated() {
            guard !broker.isEmpty, broker.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != 0x2C }) else {
                throw ConfigProblem("/brokers/\(index)", "must be HOST:PORT, got '\(broker)'")
            }
        }
        guard !config.brokers.isEmpty else { throw ConfigProblem("/brokers", "must have one or more") }
        let acknowledgements = config.acknowledgements ?? "all"
        guard ["all", "leader", "none"].contains(acknowledgements) else {
            throw ConfigProblem(
                "/acknowledgements", "must be all, leader or none, got '\(acknowledgements)'")
        }
        var properties: [(name: String, value: String)] = [
            ("bootstrap.servers", config.brokers.joined(separator: ",")),
            ("client.id", "postern"),
            ("request.required.acks", ["all": "-1", "leader": "1", "none": "0"][acknowledgements] ?? "-1"),
            ("compression.codec", config.compression ?? "none"),
            // The batch is there already.
            ("queue.buffering.max.ms", "1"),
            ("message.timeout.ms", "\(milliseconds)"),
            ("request.timeout.ms", "\(milliseconds)"),
            ("socket.timeout.ms", "\(max(milliseconds, 10) + 1000)"),
            ("reconnect.backoff.ms", "50"),
            ("reconnect.backoff.max.ms", "1000"),
            ("topic.metadata.refresh.fast.interval.ms", "50"),
            ("queue.buffering.max.messages", "1000000"),
            ("log.connection.close", "false"),
        ]
        let own = Set(properties.map(\.name)).subtracting(["client.id"])
        for (name, value) in (config.properties ?? [:]).sorted(by: { $0.key < $1.key }) {
            guard !own.contains(name), name != "metadata.broker.list", name != "acks" else {
                throw ConfigProblem("/properties/\(name)", "is set by the adapter itself")
            }
            properties.append((name, value))
        }
        self.properties = properties
        for (name, value) in properties {
            var why = [CChar](repeating: 0, count: 512)
            guard postern_kafka_knows(name, value, &why, why.count) else {
                let isOwn = own.contains(name)
                // librdkafka's text repeats the value, which may be a secret.
                throw ConfigProblem(
                    isOwn ? name == "compression.codec" ? "/compression" : "/timeout" : "/properties/\(name)",
                    isOwn ? text(why) : "librdkafka does not know this property or value")
            }
        }
    }
}

func text(_ characters: [CChar]) -> String {
    String(decoding: characters.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
}
