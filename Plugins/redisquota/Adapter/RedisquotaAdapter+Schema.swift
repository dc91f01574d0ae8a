internal import PluginNet
internal import PluginSupport

extension RedisquotaAdapter {
    /// JSON Schema of ``Config``.
    public static let schema = """
        {
          "$schema": "https://json-schema.org/draft/2020-12/schema",
          "title": "redisquota",
          "type": "object",
          "additionalProperties": false,
          "required": ["address", "quotas"],
          "properties": {
            "address": {
              "type": "string", "minLength": 1,
              "description": "Redis: host:port, [IPv6]:port or unix:/path; port 6379 without one."
            },
            "username": { "type": "string", "minLength": 1, "description": "Who logs in (Redis 6)." },
            "password": {
              "type": "string", "minLength": 1, "writeOnly": true,
              "description": "With what to log in; nobody does without."
            },
            "database": {
              "type": "integer", "minimum": 0, "maximum": 65535, "default": 0, "description": "Its number."
            },
            "keyPrefix": {
              "type": "string", "minLength": 1, "default": "postern:quota:",
              "description": "What all keys begin with; gateways with the same share their amounts."
            },
            "quotas": \(QuotaRule.schema),
            "deduplication": {
              "type": "string", "default": "1s",
              "description": "How long the same request asked again is given the same answer."
            },
            "tls": \(TLSConfig.schema),
            "timeout": \(Duration.timeoutSchema)
          }
        }
        """
}
