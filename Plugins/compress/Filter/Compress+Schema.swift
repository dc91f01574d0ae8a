extension Compress {
    /// JSON Schema of ``Config``.
    public static let schema = """
        {
          "$schema": "https://json-schema.org/draft/2020-12/schema",
          "title": "compress",
          "type": "object",
          "additionalProperties": false,
          "properties": {
            "encodings": {
              "type": "array", "minItems": 1, "uniqueItems": true, "default": ["zstd", "br", "gzip"],
              "items": { "type": "string", "enum": ["zstd", "br", "gzip"] },
              "description": "Codings that are offered; of those that a client likes best, the first."
            },
            "levels": {
              "type": "object", "additionalProperties": false,
              "description": "How much time is spent for a smaller body.",
              "properties": {
                "zstd": { "type": "integer", "minimum": 1, "maximum": 19, "default": 3 },
                "br": { "type": "integer", "minimum": 0, "maximum": 11, "default": 4 },
                "gzip": { "type": "integer", "minimum": 1, "maximum": 9, "default": 6 }
              }
            },
            "contentTypes": {
              "type": "array", "minItems": 1, "items": { "type": "string", "minLength": 3 },
              "description": "Types of bodies that are compressed; by default text, JSON, XML and scripts."
            },
            "minLength": {
              "type": "string", "pattern": "^[0-9]{1,9}(B|KiB|MiB|GiB)$", "default": "1KiB",
              "description": "Bodies that are known to be smaller stay as they are."
            }
          }
        }
        """
}
