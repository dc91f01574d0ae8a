import Filtering
import Primitives
import Testing

@Suite struct HeaderIDTests {
    static let known: [HeaderID] = [
        .host, .contentLength, .transferEncoding, .connection, .keepAlive, .proxyConnection, .upgrade, .te,
        .trailer,
        .http2Settings, .expect, .via, .xForwardedFor, .xForwardedProto, .xForwardedHost, .xRequestID,
        .traceparent,
        .tracestate, .authorization, .proxyAuthorization, .cookie, .setCookie, .userAgent, .accept,
        .acceptEncoding,
        .acceptLanguage, .contentType, .contentEncoding, .cacheControl, .date, .server, .location, .etag,
        .vary,
        .lastModified, .ifNoneMatch, .ifModifiedSince, .range, .referer, .origin, .retryAfter,
        .wwwAuthenticate, .xAPIKey,
    ]

    private func id(_ name: String) -> HeaderID { name.withByteView(HeaderID.of) }

    @Test("Every number has a name of its own, and the name leads back to it in any case")
    func roundTrip() {
        #expect(Self.known.map { Int($0.rawValue) } == Array(1..<HeaderID.count))
        #expect(Set(HeaderID.names.map(\.description)).count == HeaderID.count)
        for id in Self.known {
            #expect(self.id(id.name.description) == id)
            #expect(self.id(id.name.description.uppercased()) == id)
        }
    }

    @Test("A name that differs in one byte, anywhere, is another")
    func nearMisses() {
        for id in Self.known {
            let name = Array(id.name.description.utf8)
            for index in name.indices {
                for change in [0x01, 0x10, 0x40, 0x80] as [UInt8] {
                    var other = name
                    other[index] ^= change
                    #expect(
                        other.withByteView(HeaderID.of) == .other, "\(id.name) with byte \(index) ^ \(change)"
                    )
                }
                // Setting bit 5 must make a letter small and must not turn CR into a dash.
                var other = name
                other[index] ^= 0x20
                let isLetter = (0x61...0x7A).contains(name[index])
                #expect((other.withByteView(HeaderID.of) == id) == isLetter)
            }
            #expect((name + [0x61]).withByteView(HeaderID.of) == .other)
            #expect(name.dropLast().map { $0 }.withByteView(HeaderID.of) == .other || name.count == 5)
        }
    }

    @Test(
        "Unknown names have no number",
        arguments: ["", "x", "x-custom", "sec-websocket-key", "a-very-long-name-indeed-it-is"])
    func unknown(name: String) { #expect(self.id(name) == .other) }
}
