extension EdgeAdapter {
    /// JSON Schema of ``Config``.
    public static let schema = """
        {
          "$schema": "https://json-schema.org/draft/2020-12/schema",
          "title": "edge",
          "type": "object",
          "additionalProperties": false,
          "properties": {
            "address": {
              "type": "string", "minLength": 1,
              "description": "A loopback address with a port, where the graph is served: 127.0.0.1:9465."
            },
            "path": { "type": "string", "default": "/graph", "description": "Where at that address." },
            "file": {
              "type": "string", "minLength": 1,
              "description": "A file that the graph is written to, whole and at once; absolute."
            },
            "writeInterval": {
              "type": "string", "default": "5s", "description": "How often the file is written."
            },
            "window": {
              "type": "string", "default": "60s",
              "description": "The time that the numbers are of: 1s...24h."
            },
            "maxEdges": {
              "type": "integer", "minimum": 1, "maximum": 100000, "default": 4096,
              "description": "The most edges; calls of others are left out, and counted."
            }
          }
        }
        """
}
