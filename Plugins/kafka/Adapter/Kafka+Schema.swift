internal import PluginSupport

extension Kafka {
    /// JSON Schema of ``Config``.
    public static let schema = """
        {
          "$schema": "https://json-schema.org/draft/2020-12/schema",
          "title": "kafka",
          "type": "object",
          "additionalProperties": false,
          "required": ["brokers"],
          "properties": {
            "brokers": {
              "type": "array", "minItems": 1, "items": { "type": "string", "minLength": 1 },
              "description": "Some of the cluster, as HOST:PORT; it tells the others."
            },
            "topic": {
              "type": "string", "minLength": 1, "default": "postern.{instance}",
              "description": "Of messages; {instance} stands for the instance's name."
            },
            "key": {
              "type": "string", "minLength": 1,
              "description": "The column that is the message's key. Default: it has none."
            },
            "acknowledgements": {
              "type": "string", "enum": ["all", "leader", "none"], "default": "all",
              "description": "Who has to have a message before it counts as delivered."
            },
            "compression": {
              "type": "string", "enum": ["none", "gzip", "snappy", "lz4", "zstd"], "default": "none",
              "description": "Of batches of messages."
            },
            "properties": {
              "type": "object", "additionalProperties": { "type": "string", "writeOnly": true },
              "description": "More properties of librdkafka: TLS, SASL and so on."
            },
            \(LineConfig.properties),
            "timeout": \(Duration.timeoutSchema)
          }
        }
        """
}
