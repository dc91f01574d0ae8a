extension DenierAdapter {
    /// JSON Schema of ``Config``.
    public static let schema = """
        {
          "$schema": "https://json-schema.org/draft/2020-12/schema",
          "title": "denier",
          "type": "object",
          "additionalProperties": false,
          "properties": {
            "code": {
              "type": "string", "default": "permissionDenied",
              "enum": ["invalidArgument", "notFound", "permissionDenied", "resourceExhausted",
                       "unavailable", "unauthenticated"],
              "description": "Why: 400, 404, 403, 429, 503 and 401 for the client."
            },
            "message": {
              "type": "string", "default": "denied by policy",
              "description": "The body of the answer."
            },
            "validDuration": {
              "type": "string", "default": "5s",
              "description": "How long requests alike are refused without asking again; 0s: never."
            },
            "validUses": {
              "type": "integer", "minimum": 1,
              "description": "How many requests alike; as many as like without it."
            }
          }
        }
        """
}
