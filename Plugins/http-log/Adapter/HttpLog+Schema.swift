internal import PluginNet
internal import PluginSupport

extension HttpLog {
    /// JSON Schema of ``Config``.
    public static let schema = """
        {
          "$schema": "https://json-schema.org/draft/2020-12/schema",
          "title": "http-log",
          "type": "object",
          "additionalProperties": false,
          "required": ["url"],
          "properties": {
            "url": {
              "type": "string", "minLength": 8,
              "description": "Where records are posted. Without a path: where the shape's servers take them."
            },
            "shape": {
              "type": "string", "default": "lines",
              "enum": ["lines", "array", "loki", "elasticsearch", "splunk"],
              "description": "What bodies are: objects a line, an array, or what one of these servers takes."
            },
            "authorization": {
              "type": "string", "minLength": 1, "writeOnly": true,
              "description": "The header Authorization, as 'Bearer …', 'Basic …', 'Splunk …' or 'ApiKey …'."
            },
            "headers": {
              "type": "array", "description": "More headers of requests.",
              "items": {
                "type": "object", "additionalProperties": false, "required": ["name", "value"],
                "properties": {
                  "name": { "type": "string", "minLength": 1 },
                  "value": { "type": "string", "minLength": 1, "writeOnly": true }
                }
              }
            },
            "maxBody": {
              "type": "string", "default": "1MiB",
              "description": "A batch that is larger is posted in parts; at least 1KiB."
            },
            \(Self.shapes),
            "tls": \(TLSConfig.schema),
            \(LineConfig.properties),
            "timeout": \(Duration.timeoutSchema)
          }
        }
        """

    /// Of single shapes.
    private static let shapes = """
        "loki": {
          "type": "object", "additionalProperties": false, "description": "Of 'shape: loki'.",
          "properties": {
            "labels": {
              "type": "object", "minProperties": 1, "additionalProperties": { "type": "string" },
              "description": "Labels of every stream. Default: job=postern."
            },
            "columns": {
              "type": "array", "uniqueItems": true, "items": { "type": "string", "minLength": 1 },
              "description": "Columns that are labels, too; few values each. Default: none."
            }
          }
        },
        "elasticsearch": {
          "type": "object", "additionalProperties": false, "description": "Of 'shape: elasticsearch'.",
          "properties": {
            "index": {
              "type": "string", "minLength": 1, "default": "postern",
              "description": "The index or data stream; {date} stands for the record's day, as 2023.11.14."
            },
            "operation": {
              "type": "string", "enum": ["create", "index"], "default": "create",
              "description": "The bulk action; data streams take create only."
            }
          }
        },
        "splunk": {
          "type": "object", "additionalProperties": false, "description": "Of 'shape: splunk'.",
          "properties": {
            "index": { "type": "string", "minLength": 1, "description": "Default: the token's." },
            "source": { "type": "string", "minLength": 1, "description": "Default: the token's." },
            "sourcetype": { "type": "string", "minLength": 1, "default": "_json" },
            "host": { "type": "string", "minLength": 1, "description": "Default: the connection's." }
          }
        }
        """
}
