extension RateLimit {
    /// JSON Schema of ``Config``.
    public static let schema = """
        {
          "$schema": "https://json-schema.org/draft/2020-12/schema",
          "title": "rate-limit",
          "type": "object",
          "additionalProperties": false,
          "required": ["requests", "per"],
          "properties": {
            "requests": {
              "type": "integer", "minimum": 1,
              "description": "How many requests of one key pass in the time `per`."
            },
            "per": {
              "type": "string", "minLength": 2,
              "description": "The time, as 1s, 500ms or 1m30s."
            },
            "burst": {
              "type": "integer", "minimum": 1,
              "description": "How many may pass at once after a pause; by default as many as `requests`."
            },
            "by": {
              "type": "string", "minLength": 1, "default": "source.address",
              "description": "The attribute that tells clients apart, as request.headers['x-api-key']."
            }
          }
        }
        """
}
