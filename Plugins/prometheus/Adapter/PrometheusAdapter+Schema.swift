extension PrometheusAdapter {
    /// JSON Schema of ``Config``.
    public static let schema = """
        {
          "$schema": "https://json-schema.org/draft/2020-12/schema",
          "title": "prometheus",
          "type": "object",
          "additionalProperties": false,
          "properties": {
            "address": {
              "type": "string", "minLength": 1, "default": "127.0.0.1:9464",
              "description": "Where to be scraped: an IP address with a port."
            },
            "path": { "type": "string", "default": "/metrics", "description": "Where at that address." },
            "prefix": {
              "type": "string", "pattern": "^([a-zA-Z_:][a-zA-Z0-9_:]*)?$", "default": "",
              "description": "What stands before every metric's name: istio_, for example."
            },
            "maxSeries": {
              "type": "integer", "minimum": 1, "maximum": 1000000, "default": 10000,
              "description": "The most series of one metric; further ones are left out, and counted."
            },
            "expireAfter": {
              "type": "string",
              "description": "How long a series is shown after its last change; for ever without. From 1s."
            }
          }
        }
        """
}
