internal import PluginSupport

extension Stdio {
    /// JSON Schema of ``Config``.
    public static let schema = """
        {
          "$schema": "https://json-schema.org/draft/2020-12/schema",
          "title": "stdio",
          "type": "object",
          "additionalProperties": false,
          "properties": {
            "stream": {
              "type": "string", "enum": ["stdout", "stderr"], "default": "stdout",
              "description": "Where lines go."
            },
            \(LineConfig.properties),
            "timeout": \(Duration.timeoutSchema)
          }
        }
        """
}
