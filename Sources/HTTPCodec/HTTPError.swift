internal import Primitives

/// Why a message was refused, as a status to answer and a word for the log.
///
/// After a refusal the connection's bytes have no agreed meaning any more: answer, and close it.
public struct HTTPError: Error, Sendable, Equatable {
    /// The status to answer the client with; 502 when the message is a response.
    public let status: Int
    /// `area.reason`, in lower case joined by "_", for `response.code_details`; docs/reference/http1.md lists
    /// all.
    public let details: StaticString

    public init(_ status: Int, _ details: StaticString) {
        self.status = status
        self.details = details
    }

    /// The same fault found in what a service sent.
    public var inResponse: HTTPError { HTTPError(502, self.details) }

    public static func == (a: Self, b: Self) -> Bool {
        a.status == b.status && ByteView(a.details) == ByteView(b.details)
    }
}

extension HTTPError {
    // The start line.
    public static var badRequestLine: Self { Self(400, "http1.bad_request_line") }
    public static var badMethod: Self { Self(400, "http1.bad_method") }
    public static var badTarget: Self { Self(400, "http1.bad_target") }
    public static var badStatusLine: Self { Self(502, "http1.bad_status_line") }
    public static var unsupportedVersion: Self { Self(505, "http1.unsupported_version") }
    /// The first line of HTTP/2's preface where HTTP/1 was expected.
    public static var http2Preface: Self { Self(505, "http1.http2_preface") }
    public static var connectRefused: Self { Self(405, "http1.connect_refused") }
    /// Its body could also be the tunnel's first bytes.
    public static var connectWithBody: Self { Self(400, "http1.connect_with_body") }

    // Limits.
    public static var urlTooLong: Self { Self(414, "http1.url_too_long") }
    public static var headTooLarge: Self { Self(431, "http1.head_too_large") }
    public static var tooManyFields: Self { Self(431, "http1.too_many_fields") }

    // Field lines.
    public static var badFieldName: Self { Self(400, "http1.bad_field_name") }
    public static var spaceBeforeColon: Self { Self(400, "http1.space_before_colon") }
    public static var badFieldValue: Self { Self(400, "http1.bad_field_value") }
    public static var foldedField: Self { Self(400, "http1.folded_field") }
    public static var bareLineEnd: Self { Self(400, "http1.bare_cr_or_lf") }

    // Host.
    public static var missingHost: Self { Self(400, "http1.missing_host") }
    public static var repeatedHost: Self { Self(400, "http1.repeated_host") }
    public static var badHost: Self { Self(400, "http1.bad_host") }
    public static var hostMismatch: Self { Self(400, "http1.host_mismatch") }

    // Framing.
    public static var badContentLength: Self { Self(400, "http1.bad_content_length") }
    public static var differingContentLengths: Self { Self(400, "http1.differing_content_lengths") }
    public static var lengthAndCoding: Self { Self(400, "http1.content_length_with_transfer_encoding") }
    public static var badTransferEncoding: Self { Self(400, "http1.bad_transfer_encoding") }
    public static var chunkedNotLast: Self { Self(400, "http1.chunked_not_last") }
    public static var codingInHTTP10: Self { Self(400, "http1.transfer_encoding_in_http_1_0") }
    public static var unknownCoding: Self { Self(501, "http1.unknown_transfer_coding") }
    public static var badConnectionOption: Self { Self(400, "http1.bad_connection_option") }
    public static var unknownExpectation: Self { Self(417, "http1.unknown_expectation") }
    public static var unexpectedUpgrade: Self { Self(502, "http1.unexpected_upgrade") }

    // Bodies.
    public static var badChunkSize: Self { Self(400, "http1.bad_chunk_size") }
    public static var badChunkExtension: Self { Self(400, "http1.bad_chunk_extension") }
    public static var chunkExtensionTooLong: Self { Self(400, "http1.chunk_extension_too_long") }
    public static var badChunkEnding: Self { Self(400, "http1.bad_chunk_ending") }
    public static var bodyCutShort: Self { Self(400, "http1.body_cut_short") }

    // Time.
    public static var headTimedOut: Self { Self(408, "http1.head_timeout") }
    public static var bodyTimedOut: Self { Self(408, "http1.body_timeout") }

    // Paths.
    public static var badPercentEscape: Self { Self(400, "path.bad_percent_escape") }
    public static var nullInPath: Self { Self(400, "path.null") }
    public static var fragmentInTarget: Self { Self(400, "path.fragment") }
    public static var escapedSlash: Self { Self(400, "path.escaped_slash") }
}
