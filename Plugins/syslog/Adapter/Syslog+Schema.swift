internal import PluginNet
internal import PluginSupport

extension Syslog {
    /// JSON Schema of ``Config``.
    public static let schema = """
        {
          "$schema": "https://json-schema.org/draft/2020-12/schema",
          "title": "syslog",
          "type": "object",
          "additionalProperties": false,
          "required": ["address"],
          "properties": {
            "address": {
              "type": "string", "minLength": 1,
              "description": "The server: HOST[:PORT] or unix:/PATH. Default port: 514, with tls 6514."
            },
            "transport": {
              "type": "string", "enum": ["udp", "tcp"],
              "description": "Datagrams, or a stream with counted octets. Default: udp; with tls tcp."
            },
            "facility": {
              "type": "string", "default": "local0",
              "description": "Who speaks: kern, user, mail, daemon and so on, local0...local7."
            },
            "hostname": {
              "type": "string", "minLength": 1, "maxLength": 255,
              "description": "HOSTNAME of messages. Default: the machine's name."
            },
            "appName": {
              "type": "string", "minLength": 1, "maxLength": 48, "default": "postern",
              "description": "APP-NAME of messages."
            },
            "structuredData": {
              "type": "object", "additionalProperties": false, "required": ["id", "columns"],
              "description": "Columns that stand in messages as structured data. Default: none.",
              "properties": {
                "id": {
                  "type": "string", "minLength": 1, "maxLength": 32,
                  "description": "Of the element, as request@32473 (with your enterprise number)."
                },
                "columns": {
                  "type": "array", "minItems": 1, "uniqueItems": true,
                  "items": { "type": "string", "minLength": 1 },
                  "description": "Which."
                }
              }
            },
            "maxSize": {
              "type": "string", "default": "8KiB",
              "description": "Longer messages are cut; 480B...65507B."
            },
            "tls": \(TLSConfig.schema),
            \(LineConfig.properties),
            "timeout": \(Duration.timeoutSchema)
          }
        }
        """
}
