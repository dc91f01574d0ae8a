internal import PluginNet
internal import PluginSupport

extension Nats {
    /// JSON Schema of ``Config``.
    public static let schema = """
        {
          "$schema": "https://json-schema.org/draft/2020-12/schema",
          "title": "nats",
          "type": "object",
          "additionalProperties": false,
          "required": ["address"],
          "properties": {
            "address": {
              "type": "string", "minLength": 1,
              "description": "The server: HOST[:PORT]. Default port: 4222."
            },
            "subject": {
              "type": "string", "minLength": 1, "default": "postern.{instance}",
              "description": "Of messages; {instance} stands for the instance's name."
            },
            "jetStream": {
              "type": "boolean", "default": true,
              "description": "Whether a stream has to store messages; false: whoever listens gets them."
            },
            "name": {
              "type": "string", "minLength": 1, "default": "postern",
              "description": "How the client calls itself."
            },
            "username": { "type": "string", "minLength": 1, "description": "A user. Default: none." },
            "password": {
              "type": "string", "minLength": 1, "writeOnly": true, "description": "The user's."
            },
            "token": {
              "type": "string", "minLength": 1, "writeOnly": true,
              "description": "A token in place of a user. Default: none."
            },
            "tls": \(TLSConfig.schema),
            \(LineConfig.properties),
            "timeout": \(Duration.timeoutSchema)
          }
        }
        """
}
