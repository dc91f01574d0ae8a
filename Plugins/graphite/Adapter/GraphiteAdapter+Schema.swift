internal import PluginSupport

extension GraphiteAdapter {
    /// JSON Schema of ``Config``.
    public static let schema = """
        {
          "$schema": "https://json-schema.org/draft/2020-12/schema",
          "title": "graphite",
          "type": "object",
          "additionalProperties": false,
          "required": ["address"],
          "properties": {
            "address": {
              "type": "string", "minLength": 1,
              "description": "Graphite's plain text port: host:port or [IPv6]:port; port 2003 without one."
            },
            "transport": {
              "type": "string", "enum": ["tcp", "udp"], "default": "tcp", "description": "How to reach it."
            },
            "prefix": {
              "type": "string", "default": "postern", "description": "What the paths begin with."
            },
            "tags": {
              "type": "boolean", "default": false,
              "description": "Whether dimensions are tags (Graphite 1.1), or parts of the path."
            },
            "counters": {
              "type": "string", "enum": ["cumulative", "deltas"], "default": "cumulative",
              "description": "Whether counters and histograms grow, or tell what was added since last."
            },
            "timeout": \(Duration.timeoutSchema)
          }
        }
        """
}
