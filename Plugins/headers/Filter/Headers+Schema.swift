extension Headers {
    /// JSON Schema of ``Config``.
    public static let schema = """
        {
          "$schema": "https://json-schema.org/draft/2020-12/schema",
          "title": "headers",
          "type": "object",
          "additionalProperties": false,
          "properties": {
            "request": {
              "type": "object",
              "additionalProperties": false,
              "description": "Changes to the request that the service sees.",
              "properties": {
                "set": {
                  "type": "object", "additionalProperties": { "type": "string" },
                  "description": "Fields that get this one value; %{request.id} stands for an attribute."
                },
                "add": {
                  "type": "object", "additionalProperties": { "type": "string" },
                  "description": "Fields added behind those that are there."
                },
                "remove": {
                  "type": "array", "items": { "type": "string", "minLength": 1 },
                  "description": "Fields taken out before anything is set or added."
                }
              }
            },
            "response": {
              "type": "object",
              "additionalProperties": false,
              "description": "Changes to the response that the client sees.",
              "properties": {
                "set": {
                  "type": "object", "additionalProperties": { "type": "string" },
                  "description": "Fields that get this one value; %{response.code} stands for an attribute."
                },
                "add": {
                  "type": "object", "additionalProperties": { "type": "string" },
                  "description": "Fields added behind those that are there."
                },
                "remove": {
                  "type": "array", "items": { "type": "string", "minLength": 1 },
                  "description": "Fields taken out before anything is set or added."
                }
              }
            }
          }
        }
        """
}
