internal import PluginSupport

extension StatsdAdapter {
    /// JSON Schema of ``Config``.
    public static let schema = """
        {
          "$schema": "https://json-schema.org/draft/2020-12/schema",
          "title": "statsd",
          "type": "object",
          "additionalProperties": false,
          "required": ["address"],
          "properties": {
            "address": {
              "type": "string", "minLength": 1,
              "description": "The daemon: host:port, [IPv6]:port or unix:/path; port 8125 without one."
            },
            "transport": {
              "type": "string", "enum": ["udp", "tcp"], "default": "udp",
              "description": "udp: datagrams (of a Unix socket, too); tcp: a connection."
            },
            "format": {
              "type": "string", "enum": ["statsd", "dogstatsd"], "default": "statsd",
              "description": "Whether dimensions are parts of the name, or Datadog's tags."
            },
            "prefix": {
              "type": "string", "default": "postern", "description": "What the names begin with."
            },
            "histograms": {
              "type": "string", "enum": ["samples", "counters"], "default": "samples",
              "description": "samples: the middle of each bucket, weighted; counters: exact numbers of each."
            },
            "maxPacket": {
              "type": "string", "default": "1432B", "description": "The most bytes of a datagram."
            },
            "timeout": \(Duration.timeoutSchema)
          }
        }
        """
}
