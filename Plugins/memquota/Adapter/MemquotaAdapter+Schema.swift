internal import PluginSupport

extension MemquotaAdapter {
    /// JSON Schema of ``Config``.
    public static let schema = """
        {
          "$schema": "https://json-schema.org/draft/2020-12/schema",
          "title": "memquota",
          "type": "object",
          "additionalProperties": false,
          "required": ["quotas"],
          "properties": {
            "quotas": \(QuotaRule.schema),
            "deduplication": {
              "type": "string", "default": "1s",
              "description": "How long the same request asked again is given the same answer, at least."
            },
            "keys": {
              "type": "integer", "minimum": 1, "maximum": 10000000, "default": 65536,
              "description": "The most sets of dimensions that are counted at once."
            }
          }
        }
        """
}
