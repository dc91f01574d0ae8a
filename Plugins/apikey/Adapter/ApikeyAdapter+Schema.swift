extension ApikeyAdapter {
    /// JSON Schema of ``Config``.
    public static let schema = """
        {
          "$schema": "https://json-schema.org/draft/2020-12/schema",
          "title": "apikey",
          "type": "object",
          "additionalProperties": false,
          "properties": {
            "keys": {
              "type": "array", "description": "The keys that are accepted.",
              "items": {
                "type": "object",
                "additionalProperties": false,
                "required": ["name", "key"],
                "properties": {
                  "name": { "type": "string", "minLength": 1, "description": "Whose key it is." },
                  "key": { "type": "string", "minLength": 1, "writeOnly": true, "description": "Itself." },
                  "apis": \(globs("APIs that it is good for; all without it. * is any text.")),
                  "versions": \(globs("Versions that it is good for; all without it.")),
                  "operations": \(globs("Operations that it is good for; all without it."))
                }
              }
            },
            "file": {
              "type": "string", "minLength": 1,
              "description": "A file with more, a line NAME KEY [API...] each, read again when it changes."
            },
            "validDuration": {
              "type": "string", "default": "10s",
              "description": "How long an answer holds for requests alike; 0s: for one."
            }
          }
        }
        """

    private static func globs(_ description: String) -> String {
        #"""
        { "type": "array", "minItems": 1, "items": { "type": "string", "minLength": 1 },
          "description": "\#(description)" }
        """#
    }
}
