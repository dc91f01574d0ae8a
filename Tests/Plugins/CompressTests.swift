internal import Filtering
internal import TestSupport
internal import Testing

@Suite struct CompressTests {
    private static let html = [("content-type", "text/html; charset=utf-8")]
    private static let page = String(repeating: "<p>a line that repeats itself</p>\n", count: 500)

    /// The `content-encoding` that a client gets.
    private func encoding(
        _ plugin: PluginUnderTest, _ accepted: String?, _ fields: [(String, String)] = html,
        status: Int = 200,
        method: String = "GET", body: Bool = true
    ) -> String? {
        plugin.startOver()
        _ = plugin.request(accepted.map { [("accept-encoding", $0)] } ?? [], method: method)
        #expect(plugin.response(fields, status: status, body: body) == .continue)
        return plugin.stream.response.pairs.last { $0[0] == "content-encoding" }?[1]
    }

    @Test("A body comes back as it was, in one piece or in many", arguments: ["gzip", "br", "zstd"])
    func roundTrip(_ encoding: String) throws {
        for size in [34, 1000, 17_000] {
            let plugin = try PluginUnderTest("compress", "{}")
            #expect(self.encoding(plugin, encoding) == encoding)
            #expect(plugin.stream.bodyChangesAnnounced == [.response])
            let bytes = Array(Self.page.utf8)
            for start in stride(from: 0, to: bytes.count, by: size) {
                let end = min(start + size, bytes.count)
                #expect(
                    plugin.responseBody(Array(bytes[start..<end]), endOfStream: end == bytes.count)
                        == .continue)
            }
            let encoded = Array(plugin.stream.replacedBodies.joined())
            #expect(encoded.count < bytes.count / 2)
            #expect(try ContentDecoding.text(encoded, encoding) == Self.page)
        }
    }

    @Test(
        "Noise of many sizes survives, too, and so does the end without bytes",
        arguments: ["gzip", "br", "zstd"])
    func noise(_ encoding: String) throws {
        var random = SystemRandomNumberGenerator()
        for size in [0, 1, 16_383, 16_384, 16_385, 200_000] {
            let plugin = try PluginUnderTest("compress", "{}")
            _ = self.encoding(plugin, encoding)
            let text = String((0..<size).map { _ in "abcdefghijklmnop".randomElement(using: &random) ?? "x" })
            #expect(plugin.responseBody(Array(text.utf8), endOfStream: false) == .continue)
            #expect(plugin.responseBody([]) == .continue)
            let encoded = Array(plugin.stream.replacedBodies.joined())
            #expect(try ContentDecoding.text(encoded, encoding) == text)
        }
    }

    @Test("Without a length each piece can be read at once", arguments: ["gzip", "br", "zstd"])
    func flush(_ encoding: String) throws {
        let plugin = try PluginUnderTest("compress", "{}")
        _ = self.encoding(plugin, encoding, [("content-type", "text/event-stream")])
        var seen = ""
        for number in 1...3 {
            seen += "data: \(number)\n\n"
            #expect(plugin.responseBody(Array("data: \(number)\n\n".utf8), endOfStream: false) == .continue)
            #expect(plugin.stream.replacedBodies.last?.isEmpty == false)
            // `brotli` prints nothing of what is not whole.
            if encoding == "br" { continue }
            let encoded = Array(plugin.stream.replacedBodies.joined())
            #expect(try ContentDecoding.text(encoded, encoding, isWhole: false) == seen)
        }
    }

    @Test(
        "The client's weights decide, then the order of the configuration",
        arguments: [
            ("gzip, deflate, br, zstd", "zstd"), ("gzip;q=1.0, br;q=0.9, zstd;q=0.5", "gzip"),
            ("br;q=0.001", "br"), ("gzip;q=0", nil), ("*", "zstd"), ("*;q=0.5, zstd;q=0", "br"),
            ("*;q=0, gzip", "gzip"), ("identity", nil), ("identity;q=0.5, gzip;q=0.4", nil),
            ("identity;q=0.5, gzip;q=0.5", "gzip"), ("deflate", nil), ("", nil), ("GZIP", "gzip"),
            ("x-gzip", "gzip"), ("gzip ; q=0.3 ,br; q=0.4", "br"), ("gzip;q=2", nil), ("gzip;q=0.1234", nil),
            ("gzip;q=", nil), ("gzip;level=1", nil), (",,gzip,", "gzip"), ("gzip;q=1.001", nil), (nil, nil),
        ] as [(String?, String?)])
    func negotiation(_ accepted: String?, _ encoding: String?) throws {
        #expect(self.encoding(try PluginUnderTest("compress", "{}"), accepted) == encoding)
    }

    @Test("What is not worth it, or must not be changed, stays as it is")
    func left() throws {
        let plugin = try PluginUnderTest("compress", "{}")
        for fields in [
            [("content-type", "image/png")], [("content-type", "application/octet-stream")], [],
            Self.html + [("content-encoding", "br")], Self.html + [("content-length", "1023")],
            Self.html + [("cache-control", "public, No-Transform")],
        ] {
            _ = self.encoding(plugin, "gzip", fields)
            #expect(plugin.stream.response.pairs == fields.map { [$0.0, $0.1] })
            #expect(plugin.responseBody(Array(Self.page.utf8)) == .continue)
        }
        for status in [204, 206, 304] { #expect(self.encoding(plugin, "gzip", status: status) == nil) }
        #expect(plugin.stream.replacedBodies.isEmpty)
        for status in [200, 404, 500] { #expect(self.encoding(plugin, "gzip", status: status) == "gzip") }
        #expect(self.encoding(plugin, "gzip", Self.html + [("content-length", "1024")]) == "gzip")
        #expect(self.encoding(plugin, "gzip", Self.html + [("content-encoding", "identity")]) == "gzip")
    }

    @Test("A client that gets it plain, and one that asks for the head only, are told that others may not")
    func vary() throws {
        let plugin = try PluginUnderTest("compress", "{}")
        #expect(self.encoding(plugin, nil) == nil)
        #expect(plugin.stream.response.pairs.last == ["vary", "Accept-Encoding"])
        #expect(self.encoding(plugin, "gzip", method: "HEAD", body: false) == nil)
        #expect(plugin.stream.response.pairs.last == ["vary", "Accept-Encoding"])
        for value in ["accept-language, ACCEPT-ENCODING", "*"] {
            _ = self.encoding(plugin, "br", Self.html + [("Vary", value)])
            #expect(
                plugin.stream.response.pairs.filter { $0[0].lowercased() == "vary" } == [["Vary", value]])
        }
    }

    @Test("A strong validator becomes a weak one, and digests and ranges of the plain body go")
    func validators() throws {
        let plugin = try PluginUnderTest("compress", "{}")
        let fields = [("ETag", "\"a\""), ("Accept-Ranges", "bytes"), ("Content-Digest", "x"), ("x-a", "1")]
        _ = self.encoding(plugin, "gzip", Self.html + fields)
        let expected = [
            ["content-type", "text/html; charset=utf-8"], ["ETag", "W/\"a\""], ["x-a", "1"],
            ["vary", "Accept-Encoding"], ["content-encoding", "gzip"],
        ]
        #expect(plugin.stream.response.pairs == expected)
        _ = self.encoding(plugin, "gzip", Self.html + [("etag", "W/\"a\"")])
        #expect(plugin.stream.response.pairs.contains(["etag", "W/\"a\""]))
    }

    @Test("Codings, levels, types and the least length are configurable")
    func options() throws {
        let config = """
            { "encodings": ["br", "gzip"], "levels": { "gzip": 1, "br": 11 }, "contentTypes": ["image/*"],
              "minLength": "0B" }
            """
        let plugin = try PluginUnderTest("compress", config)
        #expect(
            self.encoding(plugin, "gzip, br, zstd", [("content-type", "image/x"), ("content-length", "1")])
                == "br")
        #expect(self.encoding(plugin, "zstd", [("content-type", "image/x")]) == nil)
        #expect(self.encoding(plugin, "gzip") == nil)
    }

    @Test(
        "A bad configuration is refused with the place",
        arguments: [
            (#"{ "encodings": [] }"#, "encodings"), (#"{ "encodings": ["deflate"] }"#, "encodings[0]"),
            (#"{ "encodings": ["br", "br"] }"#, "encodings"),
            (#"{ "levels": { "gzip": 10 } }"#, "levels.gzip"),
            (#"{ "levels": { "lz4": 1 } }"#, "lz4"), (#"{ "minLength": "1" }"#, "minLength"),
            (#"{ "contentTypes": ["text"] }"#, "must be a media type"),
        ])
    func refused(_ config: String, _ reason: String) {
        let problems = PluginUnderTest.problems("compress", config)
        #expect(problems.contains(reason), "\(problems)")
    }
}
