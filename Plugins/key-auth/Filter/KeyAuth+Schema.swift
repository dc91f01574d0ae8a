extension KeyAuth {
    /// JSON Schema of ``Config``.
    public static let schema = """
        {
          "$schema": "https://json-schema.org/draft/2020-12/schema",
          "title": "key-auth",
          "type": "object",
          "additionalProperties": false,
          "required": ["keys"],
          "properties": {
            "header": {
              "type": "string", "minLength": 1, "default": "x-api-key",
              "description": "The request header that carries the key."
            },
            "keys": {
              "type": "array", "minItems": 1,
              "description": "The keys that are accepted; a consumer may have several.",
              "items": {
                "type": "object",
                "additionalProperties": false,
                "required": ["name", "key"],
                "properties": {
                  "name": { "type": "string", "minLength": 1, "description": "Whose key it is." },
                  "key": { "type": "string", "minLength": 1, "writeOnly": true, "description": "Itself." }
                }
              }
            },
            "consumerHeader": {
              "type": "string", "minLength": 1, "default": "x-consumer",
              "description": "The request header that tells the service the consumer's name."
            },
            "hideCredentials": {
              "type": "boolean", "default": true,
              "description": "Whether the key is removed before the request goes on."
            }
          }
        }
        """
}
