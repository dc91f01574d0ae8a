extension JwtAuth {
    /// JSON Schema of ``Config``.
    public static let schema = """
        {
          "$schema": "https://json-schema.org/draft/2020-12/schema",
          "title": "jwt-auth",
          "type": "object",
          "additionalProperties": false,
          "required": ["providers"],
          "properties": {
            "providers": {
              "type": "array", "minItems": 1,
              "description": "Who makes tokens; of several, the one whose issuer the token names.",
              "items": {
                "type": "object", "additionalProperties": false,
                "properties": {
                  "issuer": { "type": "string", "minLength": 1, "description": "What `iss` must be." },
                  "audiences": {
                    "type": "array", "minItems": 1, "items": { "type": "string", "minLength": 1 },
                    "description": "`aud` must have one of these."
                  },
                  "algorithms": {
                    "type": "array", "minItems": 1, "uniqueItems": true,
                    "items": {
                      "type": "string",
                      "enum": [
                        "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512",
                        "EdDSA", "HS256", "HS384", "HS512"
                      ]
                    },
                    "description": "What `alg` may be; by default all but HS256, HS384 and HS512."
                  },
                  "keys": {
                    "type": "string", "minLength": 1, "writeOnly": true,
                    "description": "A JSON Web Key Set: { file: PATH }, read again when it changes."
                  },
                  "keysFrom": {
                    "type": "object", "additionalProperties": false, "required": ["service", "path"],
                    "description": "Where the key set is fetched.",
                    "properties": {
                      "service": { "type": "string", "minLength": 1, "description": "A service's name." },
                      "path": { "type": "string", "minLength": 1 },
                      "authority": { "type": "string", "minLength": 1, "description": "Host and port." },
                      "timeout": { "type": "string", "minLength": 2, "default": "2s" },
                      "cacheTime": {
                        "type": "string", "minLength": 2, "default": "10m",
                        "description": "After which the set is fetched again."
                      }
                    }
                  }
                }
              }
            },
            "tokenFrom": {
              "type": "object", "additionalProperties": false,
              "properties": {
                "headers": {
                  "type": "array", "items": { "type": "string", "minLength": 1 }, "default": ["authorization"]
                },
                "cookie": { "type": "string", "minLength": 1, "description": "A cookie's name." },
                "query": { "type": "string", "minLength": 1, "description": "A parameter's name." }
              }
            },
            "required": {
              "type": "boolean", "default": true, "description": "Whether requests without a token get 401."
            },
            "forward": {
              "type": "boolean", "default": false, "description": "Whether the service sees the token."
            },
            "leeway": {
              "type": "string", "minLength": 2, "default": "30s", "description": "For clocks that differ."
            },
            "requireExpiry": {
              "type": "boolean", "default": true, "description": "Whether a token must have `exp`."
            },
            "claims": {
              "type": "object",
              "additionalProperties": { "type": "array", "minItems": 1, "items": { "type": "string" } },
              "description": "Claims that must have one of some values, else 403."
            },
            "claimsToHeaders": {
              "type": "object", "additionalProperties": { "type": "string", "minLength": 1 },
              "description": "Request headers, and the claims that they tell the service."
            },
            "metadata": {
              "type": "array", "items": { "type": "string", "minLength": 1 }, "default": ["sub"],
              "description": "Claims that other filters find as metadata['jwt-auth']['sub']."
            },
            "realm": { "type": "string", "minLength": 1, "default": "postern" }
          }
        }
        """
}
