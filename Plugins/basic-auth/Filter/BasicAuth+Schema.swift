extension BasicAuth {
    /// JSON Schema of ``Config``.
    public static let schema = """
        {
          "$schema": "https://json-schema.org/draft/2020-12/schema",
          "title": "basic-auth",
          "type": "object",
          "additionalProperties": false,
          "properties": {
            "users": {
              "type": "array",
              "items": {
                "type": "object", "additionalProperties": false, "required": ["name", "hash"],
                "properties": {
                  "name": { "type": "string", "minLength": 1 },
                  "hash": {
                    "type": "string", "minLength": 1, "writeOnly": true,
                    "description": "Of the password, as crypt(3) writes it: bcrypt, yescrypt or SHA-512."
                  }
                }
              }
            },
            "usersFrom": {
              "type": "string", "writeOnly": true,
              "description": "More users, name:hash, one a line: { file: PATH }, read again when it changes."
            },
            "realm": {
              "type": "string", "minLength": 1, "default": "postern",
              "description": "What browsers show when they ask for the password."
            },
            "consumerHeader": {
              "type": "string", "minLength": 1, "default": "x-consumer",
              "description": "The request header that tells the service the user's name."
            },
            "hideCredentials": {
              "type": "boolean", "default": true,
              "description": "Whether the password is removed before the request goes on."
            },
            "cacheTime": {
              "type": "string", "minLength": 2, "default": "5m",
              "description": "How long an answer holds before the password is hashed again; 0s: never."
            }
          }
        }
        """
}
