internal import PluginNet
internal import PluginSupport

extension ListAdapter {
    /// JSON Schema of ``Config``.
    public static let schema = """
        {
          "$schema": "https://json-schema.org/draft/2020-12/schema",
          "title": "list",
          "type": "object",
          "additionalProperties": false,
          "properties": {
            "entryType": {
              "type": "string", "default": "strings",
              "enum": ["strings", "caseInsensitiveStrings", "addresses", "regex"],
              "description": "What the entries are; addresses are single ones and networks, regex is RE2's."
            },
            "entries": {
              "type": "array", "items": { "type": "string", "minLength": 1 },
              "description": "Entries that never change."
            },
            "file": {
              "type": "string", "minLength": 1,
              "description": "A file with more, one a line, read again when it changes; absolute."
            },
            "url": {
              "type": "string", "minLength": 1,
              "description": "Where more are asked for: http:// or https://, the same lines."
            },
            "refreshInterval": {
              "type": "string", "default": "30s", "description": "How often the URL is asked."
            },
            "timeout": \(Duration.timeoutSchema),
            "maxAge": {
              "type": "string",
              "description": "How old the URL's list may grow while nothing better comes; for ever without."
            },
            "maxSize": {
              "type": "string", "default": "8MiB", "description": "The most bytes of file, and of answer."
            },
            "tls": \(TLSConfig.schema),
            "blocklist": {
              "type": "boolean", "default": false,
              "description": "Whether what is listed is refused; what is not, otherwise."
            },
            "code": {
              "type": "string", "default": "permissionDenied",
              "enum": ["invalidArgument", "notFound", "permissionDenied", "resourceExhausted",
                       "unavailable", "unauthenticated"],
              "description": "Why a request is refused: 400, 404, 403, 429, 503 and 401 for the client."
            },
            "message": { "type": "string", "description": "The body of the answer." },
            "validDuration": {
              "type": "string", "default": "5s",
              "description": "How long an answer holds for requests alike; 0s: for one."
            },
            "validUses": {
              "type": "integer", "minimum": 1,
              "description": "For how many requests alike; any number without it."
            }
          }
        }
        """
}
