internal import PluginNet
internal import PluginSupport

extension Fluentd {
    /// JSON Schema of ``Config``.
    public static let schema = """
        {
          "$schema": "https://json-schema.org/draft/2020-12/schema",
          "title": "fluentd",
          "type": "object",
          "additionalProperties": false,
          "required": ["address"],
          "properties": {
            "address": {
              "type": "string", "minLength": 1,
              "description": "The server: HOST[:PORT] or unix:/PATH. Default port: 24224."
            },
            "tag": {
              "type": "string", "minLength": 1, "default": "postern.{instance}",
              "description": "The events' tag; {instance} stands for the instance's name."
            },
            "mode": {
              "type": "string", "enum": ["packedForward", "forward"], "default": "packedForward",
              "description": "How events stand in a message: as bytes, or as an array."
            },
            "acknowledge": {
              "type": "boolean", "default": true,
              "description": "Whether the server says when it has taken a message."
            },
            "columns": {
              "type": "array", "minItems": 1, "uniqueItems": true,
              "items": { "type": "string", "minLength": 1 },
              "description": "Which columns events have. Default: all but timestamp, which is their time."
            },
            "hostname": {
              "type": "string", "minLength": 1,
              "description": "How this client calls itself in the handshake. Default: the machine's name."
            },
            "sharedKey": {
              "type": "string", "minLength": 1, "writeOnly": true,
              "description": "The server's shared_key. Default: it has none."
            },
            "username": {
              "type": "string", "minLength": 1,
              "description": "A user, where the server asks for one."
            },
            "password": {
              "type": "string", "minLength": 1, "writeOnly": true,
              "description": "The user's."
            },
            "tls": \(TLSConfig.schema),
            "timeout": \(Duration.timeoutSchema)
          }
        }
        """
}
