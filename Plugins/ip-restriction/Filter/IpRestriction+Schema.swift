extension IpRestriction {
    /// JSON Schema of ``Config``.
    public static let schema = """
        {
          "$schema": "https://json-schema.org/draft/2020-12/schema",
          "title": "ip-restriction",
          "type": "object",
          "additionalProperties": false,
          "properties": {
            "allow": {
              "type": "array", "items": { "type": "string", "minLength": 2 },
              "description": "Networks and addresses that pass: 10.0.0.0/8, 2001:db8::/32, 192.0.2.7."
            },
            "deny": {
              "type": "array", "items": { "type": "string", "minLength": 2 },
              "description": "Networks and addresses that are refused, though they are allowed, too."
            },
            "allowFrom": {
              "type": "string", "writeOnly": true,
              "description": "More for allow, one a line: { file: PATH }, read again whenever it changes."
            },
            "denyFrom": {
              "type": "string", "writeOnly": true,
              "description": "More for deny, one a line: { file: PATH }, read again whenever it changes."
            },
            "default": {
              "type": "string", "enum": ["allow", "deny"],
              "description": "What becomes of others; deny when there is a list of the allowed, else allow."
            },
            "by": {
              "type": "string", "minLength": 1, "default": "source.address",
              "description": "The attribute that holds the address."
            },
            "status": {
              "type": "integer", "minimum": 400, "maximum": 599, "default": 403,
              "description": "The status of the answer."
            },
            "message": { "type": "string", "description": "The body of the answer." }
          }
        }
        """
}
