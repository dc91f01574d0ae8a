public import Primitives

/// A fact of an exchange that filters, rules and logs read by name; the names are Istio's and Envoy's.
public enum Attribute: Sendable, Hashable {
    case known(KnownAttribute)
    /// `request.headers['name']`; the name is in lower case.
    case requestHeader(String)
    /// `response.headers['name']`; the name is in lower case.
    case responseHeader(String)
    /// `metadata['space']['key']`: what filters have left in ``FilterStream/metadata``.
    case metadata(space: String, key: String)
}

public enum KnownAttribute: String, Sendable, Hashable, CaseIterable {
    case requestMethod = "request.method"
    case requestScheme = "request.scheme"
    case requestHost = "request.host"
    /// Path and query, normalised.
    case requestPath = "request.path"
    /// The path without the query.
    case requestURLPath = "request.url_path"
    case requestQuery = "request.query"
    /// The target as it came, before normalisation.
    case requestOriginalPath = "request.original_path"
    case requestID = "request.id"
    /// `HTTP/1.0`, `HTTP/1.1`, `HTTP/2`.
    case requestProtocol = "request.protocol"
    /// Bytes of the body so far.
    case requestSize = "request.size"
    /// Start, in nanoseconds since 1970.
    case requestTime = "request.time"
    case responseCode = "response.code"
    /// The number of `grpc-status`, once it is known.
    case responseGRPCStatus = "response.grpc_status"
    case responseCodeDetails = "response.code_details"
    /// Envoy's short flags, joined by ",".
    case responseFlags = "response.flags"
    case responseSize = "response.size"
    /// Nanoseconds from the request's first byte to the end; so far, before it.
    case responseDuration = "response.duration"
    /// The client's address: from `x-forwarded-for` when hops are trusted, else the peer's.
    case sourceAddress = "source.address"
    case sourcePort = "source.port"
    /// The address that the client connected to.
    case connectionLocalAddress = "connection.local_address"
    /// Address and port of the peer of the client's connection, whatever `x-forwarded-for` says.
    case connectionRemoteAddress = "connection.remote_address"
    case connectionID = "connection.id"
    /// Who the client is by its certificate: the first URI, else the first DNS name, else the subject.
    case sourcePrincipal = "source.principal"
    /// `true` when the client has shown a certificate that is believed, else `false`.
    case connectionMTLS = "connection.mtls"
    /// The name that a TLS client has asked for (SNI), also where TLS only passes through.
    case connectionRequestedServerName = "connection.requested_server_name"
    /// `TLSv1.2` or `TLSv1.3`.
    case connectionTLSVersion = "connection.tls_version"
    case connectionTLSCipher = "connection.tls_cipher"
    case connectionSubjectPeerCertificate = "connection.subject_peer_certificate"
    case connectionURISANPeerCertificate = "connection.uri_san_peer_certificate"
    case connectionDNSSANPeerCertificate = "connection.dns_san_peer_certificate"
    /// SHA-256, in lower-case hexadecimal.
    case connectionDigestPeerCertificate = "connection.sha256_peer_certificate_digest"
    case connectionSerialPeerCertificate = "connection.serial_number_peer_certificate"
    case connectionSubjectLocalCertificate = "connection.subject_local_certificate"
    case connectionURISANLocalCertificate = "connection.uri_san_local_certificate"
    case connectionDNSSANLocalCertificate = "connection.dns_san_local_certificate"
    case connectionURISANsPeerCertificate = "connection.uri_sans_peer_certificate"
    case connectionDNSSANsPeerCertificate = "connection.dns_sans_peer_certificate"
    case connectionURISANsLocalCertificate = "connection.uri_sans_local_certificate"
    case connectionDNSSANsLocalCertificate = "connection.dns_sans_local_certificate"
    case listenerName = "listener.name"
    case routeName = "route.name"
    /// The service's name.
    case destinationServiceName = "destination.service.name"
    /// Address and port of the endpoint; empty before one is picked.
    case upstreamAddress = "upstream.address"
}

/// The value of an attribute; views live until the exchange changes.
public enum AttributeValue {
    case none
    case bytes(ByteView)
    case integer(Int64)
}

extension Attribute {
    /// Why an expression is no attribute.
    public struct ParseError: Error, Equatable, CustomStringConvertible {
        public let description: String
    }

    /// Reads `request.method`, `request.headers['x-user']` and the like.
    ///
    /// - Throws: ``ParseError`` that names what was found and what is allowed.
    public init(parsing expression: String) throws {
        if let known = KnownAttribute(rawValue: expression) {
            self = .known(known)
            return
        }
        if let path = try Self.metadataPath(expression) {
            self = .metadata(space: path.space, key: path.key)
            return
        }
        for (prefix, make) in [
            ("request.headers[", Attribute.requestHeader), ("response.headers[", Attribute.responseHeader),
        ] where expression.hasPrefix(prefix) {
            let quoted = expression.dropFirst(prefix.count)
            guard
                quoted.count >= 4, quoted.last == "]",
                let quote = quoted.first, quote == "'" || quote == "\"",
                quoted.dropLast().last == quote
            else {
                throw ParseError(description: "'\(expression)' must have the form \(prefix)'name']")
            }
            let name = quoted.dropFirst().dropLast(2).lowercased()
            guard name.withByteView(HeaderSyntax.isName) else {
                throw ParseError(description: "'\(name)' in '\(expression)' is no header name")
            }
            self = make(name)
            return
        }
        throw ParseError(
            description: "'\(expression)' is no attribute; allowed are request.headers['name'], "
                + "response.headers['name'], metadata['space']['key'], "
                + KnownAttribute.allCases.map(\.rawValue).joined(separator: ", ")
        )
    }
}

extension Attribute {
    /// The parts of `metadata['space']['key']`; nil when the expression begins otherwise.
    private static func metadataPath(_ expression: String) throws -> (space: String, key: String)? {
        guard expression.hasPrefix("metadata[") else { return nil }
        var rest = expression.dropFirst("metadata".count)
        var parts: [String] = []
        while rest.first == "[", let quote = rest.dropFirst().first, quote == "'" || quote == "\"" {
            let text = rest.dropFirst(2).prefix { $0 != quote }
            rest = rest.dropFirst(2 + text.count)
            guard !text.isEmpty, rest.first == quote, rest.dropFirst().first == "]" else { break }
            parts.append(String(text))
            rest = rest.dropFirst(2)
        }
        guard rest.isEmpty, parts.count == 2 else {
            throw ParseError(description: "'\(expression)' must have the form metadata['space']['key']")
        }
        return (parts[0], parts[1])
    }
}
