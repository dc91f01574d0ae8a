internal import PluginNet
internal import PluginSupport

extension OpaAdapter {
    /// JSON Schema of ``Config``.
    public static let schema = """
        {
          "$schema": "https://json-schema.org/draft/2020-12/schema",
          "title": "opa",
          "type": "object",
          "additionalProperties": false,
          "required": ["url"],
          "properties": {
            "url": {
              "type": "string", "minLength": 1,
              "description": "The document that decides: http://host:8181/v1/data/gateway/allow."
            },
            "headers": {
              "type": "object",
              "additionalProperties": { "type": "string", "writeOnly": true },
              "description": "Fields of each request, such as a token; names in small letters."
            },
            "message": {
              "type": "string", "default": "access denied by policy",
              "description": "The body of the answer, where the document says none."
            },
            "validDuration": {
              "type": "string", "default": "0s",
              "description": "How long an answer holds for requests alike; 0s: for one."
            },
            "tls": \(TLSConfig.schema),
            "timeout": \(Duration.timeoutSchema)
          }
        }
        """
}
