internal import PluginNet
internal import PluginSupport

extension ZipkinAdapter {
    /// JSON Schema of ``Config``.
    public static let schema = """
        {
          "$schema": "https://json-schema.org/draft/2020-12/schema",
          "title": "zipkin",
          "type": "object",
          "additionalProperties": false,
          "required": ["endpoint"],
          "properties": {
            "endpoint": {
              "type": "string", "minLength": 1,
              "description": "The collector: http://host:9411, or https://…; /api/v2/spans without a path."
            },
            "serviceName": {
              "type": "string", "minLength": 1, "default": "postern",
              "description": "The service whose spans they are, where a span does not name it."
            },
            "headers": {
              "type": "object",
              "additionalProperties": { "type": "string", "writeOnly": true },
              "description": "Fields of each request, such as a token; names in small letters."
            },
            "tls": \(TLSConfig.schema),
            "timeout": \(Duration.timeoutSchema)
          }
        }
        """
}
