internal import PluginNet
internal import PluginSupport

extension OtlpAdapter {
    /// JSON Schema of ``Config``.
    public static let schema = """
        {
          "$schema": "https://json-schema.org/draft/2020-12/schema",
          "title": "otlp",
          "type": "object",
          "additionalProperties": false,
          "required": ["endpoint"],
          "properties": {
            "endpoint": {
              "type": "string", "minLength": 1,
              "description": "The collector: http://host:4318, or https://…; /v1/logs and so on go behind it."
            },
            "protocol": {
              "type": "string", "enum": ["http", "grpc"], "default": "http",
              "description": "http: Protocol Buffers over HTTP/1.1; grpc: over HTTP/2."
            },
            "headers": {
              "type": "object",
              "additionalProperties": { "type": "string", "writeOnly": true },
              "description": "Fields of each request, such as a token; names in small letters."
            },
            "resource": {
              "type": "object", "additionalProperties": { "type": "string" },
              "description": "Attributes of the resource; service.name is postern without one."
            },
            "bodyVariable": {
              "type": "string", "minLength": 1, "default": "message",
              "description": "The variable that is a log record's body; the instance's name without one."
            },
            "tls": \(TLSConfig.schema),
            "timeout": \(Duration.timeoutSchema)
          }
        }
        """
}
