extension GRPCWeb {
    /// JSON Schema of ``Config``.
    public static let schema = """
        {
          "$schema": "https://json-schema.org/draft/2020-12/schema",
          "title": "grpc-web",
          "type": "object",
          "additionalProperties": false
        }
        """
}
