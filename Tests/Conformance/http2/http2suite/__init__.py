"""Cases of HTTP/2 (RFC 9113, RFC 7541, RFC 8441) as raw frames, for servers and for gateways as clients."""
