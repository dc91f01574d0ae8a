internal import PluginSupport

extension File {
    /// JSON Schema of ``Config``.
    public static let schema = """
        {
          "$schema": "https://json-schema.org/draft/2020-12/schema",
          "title": "file",
          "type": "object",
          "additionalProperties": false,
          "required": ["path"],
          "properties": {
            "path": {
              "type": "string", "minLength": 2,
              "description": "The file that lines are appended to; absolute. It is made when it is not there."
            },
            "rotateSize": {
              "type": "string",
              "description": "Where a new file begins, as '100MiB'. Default: never; at least 1KiB."
            },
            "rotateEvery": {
              "type": "string",
              "description": "How often a new file begins (in UTC), as '24h'. Default: never; 1m...8784h."
            },
            "keep": {
              "type": "integer", "minimum": 1, "maximum": 1000, "default": 5,
              "description": "How many old files stay, as PATH.1 (the youngest), PATH.2 and so on."
            },
            "mode": {
              "type": "string", "default": "0640",
              "description": "Permissions of a new file."
            },
            \(LineConfig.properties),
            "timeout": \(Duration.timeoutSchema)
          }
        }
        """
}
