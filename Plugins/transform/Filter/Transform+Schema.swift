extension Transform {
    /// JSON Schema of ``Config``.
    public static let schema = """
        {
          "$schema": "https://json-schema.org/draft/2020-12/schema",
          "title": "transform",
          "type": "object",
          "additionalProperties": false,
          "properties": {
            "request": {
              "type": "object", "additionalProperties": false,
              "description": "Changes to the request that the service sees.",
              "properties": {
                "headers": { "$ref": "#/$defs/headers" },
                "query": { "$ref": "#/$defs/query" },
                "body": { "$ref": "#/$defs/body" }
              }
            },
            "response": {
              "type": "object", "additionalProperties": false,
              "description": "Changes to the response that the client sees.",
              "properties": {
                "headers": { "$ref": "#/$defs/headers" },
                "body": { "$ref": "#/$defs/body" }
              }
            }
          },
          "$defs": {
            "texts": { "type": "object", "additionalProperties": { "type": "string" } },
            "names": { "type": "array", "items": { "type": "string", "minLength": 1 } },
            "headers": {
              "type": "object", "additionalProperties": false,
              "description": "remove, rename, then set, then add; %{request.id} stands for an attribute.",
              "properties": {
                "remove": { "$ref": "#/$defs/names" },
                "rename": { "$ref": "#/$defs/texts" },
                "set": { "$ref": "#/$defs/texts" },
                "add": { "$ref": "#/$defs/texts" }
              }
            },
            "query": {
              "type": "object", "additionalProperties": false,
              "description": "remove, rename, then set, then add, of parameters.",
              "properties": {
                "remove": { "$ref": "#/$defs/names" },
                "rename": { "$ref": "#/$defs/texts" },
                "set": { "$ref": "#/$defs/texts" },
                "add": { "$ref": "#/$defs/texts" }
              }
            },
            "body": {
              "type": "object", "additionalProperties": false,
              "properties": {
                "json": {
                  "type": "object", "additionalProperties": false,
                  "description": "remove, rename, then set; places are JSON pointers.",
                  "properties": {
                    "remove": { "$ref": "#/$defs/names" },
                    "rename": { "$ref": "#/$defs/texts" },
                    "set": {
                      "type": "object",
                      "description": "Values by place; in texts %{request.id} stands for an attribute."
                    }
                  }
                },
                "text": { "type": "string", "description": "The whole new body, in place of json." },
                "contentType": { "type": "string", "minLength": 3, "description": "Of the new body." },
                "contentTypes": {
                  "type": "array", "minItems": 1, "items": { "type": "string", "minLength": 3 },
                  "default": ["application/json", "application/*+json"],
                  "description": "Bodies of other types pass as they are."
                },
                "limit": {
                  "type": "string", "pattern": "^[0-9]{1,9}(B|KiB|MiB|GiB)$", "default": "1MiB",
                  "description": "The largest body that is changed; a larger one is refused."
                },
                "onMismatch": {
                  "type": "string", "enum": ["refuse", "pass"], "default": "refuse",
                  "description": "What becomes of a body that cannot be changed."
                }
              }
            }
          }
        }
        """
}
