extension Cors {
    /// JSON Schema of ``Config``.
    public static let schema = """
        {
          "$schema": "https://json-schema.org/draft/2020-12/schema",
          "title": "cors",
          "type": "object",
          "additionalProperties": false,
          "properties": {
            "origins": {
              "type": "array", "minItems": 1, "uniqueItems": true,
              "items": { "type": "string", "minLength": 1 },
              "description": "Who may read: https://a.example, https://*.a.example, http://localhost:*, or *."
            },
            "originPatterns": {
              "type": "array", "minItems": 1, "items": { "type": "string", "minLength": 1 },
              "description": "Regular expressions (RE2) for whole origins, beside those in origins."
            },
            "methods": {
              "type": "array", "minItems": 1, "items": { "type": "string", "minLength": 1 },
              "default": ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"],
              "description": "Methods that pages may use; [\\"*\\"] for all."
            },
            "headers": {
              "type": "array", "items": { "type": "string", "minLength": 1 }, "default": ["*"],
              "description": "Request headers that pages may set; [\\"*\\"] for all."
            },
            "exposedHeaders": {
              "type": "array", "items": { "type": "string", "minLength": 1 }, "default": [],
              "description": "Response headers that pages may read besides the simple ones."
            },
            "credentials": {
              "type": "boolean", "default": false,
              "description": "Whether pages may send cookies and other credentials."
            },
            "maxAge": {
              "type": "string", "minLength": 2, "default": "600s",
              "description": "How long a browser may keep a preflight's answer; 0s leaves it to the browser."
            },
            "privateNetwork": {
              "type": "boolean", "default": false,
              "description": "Whether pages of public sites may reach this gateway in a private network."
            },
            "answerPreflight": {
              "type": "boolean", "default": true,
              "description": "Whether preflight requests are answered here; else they go to the service."
            },
            "refuseOthers": {
              "type": "boolean", "default": false,
              "description": "Whether requests of other origins get 403; else the browser hides the response."
            }
          }
        }
        """
}
