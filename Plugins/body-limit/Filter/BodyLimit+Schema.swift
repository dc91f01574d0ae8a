extension BodyLimit {
    /// JSON Schema of ``Config``.
    public static let schema = """
        {
          "$schema": "https://json-schema.org/draft/2020-12/schema",
          "title": "body-limit",
          "type": "object",
          "additionalProperties": false,
          "properties": {
            "request": {
              "type": "string", "pattern": "^[0-9]{1,9}(B|KiB|MiB|GiB)$",
              "description": "The largest body of a request, as 64KiB or 10MiB."
            },
            "response": {
              "type": "string", "pattern": "^[0-9]{1,9}(B|KiB|MiB|GiB)$",
              "description": "The largest body of a response."
            }
          }
        }
        """
}
