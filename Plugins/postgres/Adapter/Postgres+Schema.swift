internal import PluginSupport

extension Postgres {
    /// JSON Schema of ``Config``.
    public static let schema = """
        {
          "$schema": "https://json-schema.org/draft/2020-12/schema",
          "title": "postgres",
          "type": "object",
          "additionalProperties": false,
          "required": ["address"],
          "properties": {
            "address": {
              "type": "string", "minLength": 1,
              "description": "The server: HOST[:PORT], or unix:/FOLDER of its socket. Default port: 5432."
            },
            "database": { "type": "string", "minLength": 1, "default": "postern" },
            "username": { "type": "string", "minLength": 1, "default": "postern" },
            "password": {
              "type": "string", "minLength": 1, "writeOnly": true,
              "description": "The user's. Default: none."
            },
            "sslMode": {
              "type": "string", "default": "prefer",
              "enum": ["disable", "prefer", "require", "verify-ca", "verify-full"],
              "description": "Whether TLS is used, and what of the server's certificate is looked at."
            },
            "sslRootCert": {
              "type": "string", "minLength": 1,
              "description": "A file with the authorities of verify-ca and verify-full (PEM); absolute."
            },
            "table": {
              "type": "string", "minLength": 1, "default": "{instance}",
              "description": "TABLE or SCHEMA.TABLE; {instance} stands for the instance's name."
            },
            "createTable": {
              "type": "boolean", "default": false,
              "description": "Whether the table is made when it is not there."
            },
            "columns": {
              "type": "array", "minItems": 1, "uniqueItems": true,
              "items": { "type": "string", "minLength": 1 },
              "description": "Which columns are stored, in columns of the same names. Default: all."
            },
            "timeout": \(Duration.timeoutSchema)
          }
        }
        """
}
