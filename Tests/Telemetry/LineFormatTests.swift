import Foundation
import Primitives
import Testing

@testable import Telemetry

@Suite struct LineFormatTests {
    func json(_ bytes: [UInt8]) -> String {
        let buffer = ByteBuffer(capacity: 64)
        bytes.withByteView { LineFormat.appendJSON($0, to: buffer) }
        return buffer.view.string
    }

    func text(_ bytes: [UInt8]) -> String {
        let buffer = ByteBuffer(capacity: 64)
        bytes.withByteView { LineFormat.appendText($0, to: buffer) }
        return buffer.view.string
    }

    @Test(
        "JSON strings escape what would end them, and replace malformed UTF-8",
        arguments: [
            ("plain/path?x=1", "plain/path?x=1"), ("a\"b\\c", #"a\"b\\c"#),
            ("\r\n\t\0\u{1F}", #"\r\n\t\u0000\u001f"#),
            ("\u{7F}", #"\u007f"#), ("ä€😀", "ä€😀"), ("a\u{2028}b\u{2029}", #"a\u2028b\u2029"#),
            ("\u{85}\u{A0}", "\\u0085\u{A0}"),
        ])
    func jsonEscapes(_ pair: (String, String)) { #expect(self.json(Array(pair.0.utf8)) == pair.1) }

    @Test(
        "Malformed UTF-8 becomes U+FFFD, byte by byte",
        arguments: [
            [0x80], [0xC0, 0xAF], [0xC3], [0xE0, 0x80, 0x80], [0xED, 0xA0, 0x80], [0xE2, 0x82],
            [0xF0, 0x80, 0x80, 0x80],
            [0xF4, 0x90, 0x80, 0x80], [0xF8, 0x88, 0x80, 0x80, 0x80], [0xFF, 0xFE], [0xE2, 0x80],
        ] as [[UInt8]])
    func malformed(_ bytes: [UInt8]) {
        #expect(
            self.json([0x61] + bytes + [0x62]) == "a" + String(repeating: "\u{FFFD}", count: bytes.count)
                + "b")
        #expect(self.text(bytes) == bytes.map { "\\x" + String($0, radix: 16) }.joined())
    }

    @Test("Whatever the bytes, JSON can be read back and text stays on its line and in its quotes")
    func random() throws {
        var random = RandomSource(seed: (5, 6, 7, 8))
        for round in 0..<2000 {
            let bytes = (0..<round % 40).map { _ -> UInt8 in
                round % 2 == 0
                    ? .random(in: 0...255, using: &random) : .random(in: 0xC0...0xFF, using: &random)
            }
            let line = "\"\(self.json(bytes))\""
            let back =
                try JSONSerialization.jsonObject(with: Data(line.utf8), options: .fragmentsAllowed) as? String
            #expect(back == String(decoding: bytes, as: UTF8.self) || back?.contains("\u{FFFD}") == true)
            let text = self.text(bytes)
            #expect(!text.unicodeScalars.contains { $0.value < 0x20 || (0x7F..<0xA0).contains($0.value) })
            #expect(!text.replacing(#"\\"#, with: "").replacing(#"\""#, with: "").contains("\""))
        }
    }

    @Test(
        "Times are those of the calendar",
        arguments: [
            (0, "1970-01-01T00:00:00.000000Z"), (951_782_399_999_999_999, "2000-02-28T23:59:59.999999Z"),
            (951_782_400_000_000_000, "2000-02-29T00:00:00.000000Z"),
            (1_709_251_199_001_002_003, "2024-02-29T23:59:59.001002Z"),
            (1_767_225_599_000_000_000, "2025-12-31T23:59:59.000000Z"),
            (4_107_542_400_000_000_000, "2100-03-01T00:00:00.000000Z"),
        ] as [(UInt64, String)])
    func times(_ pair: (UInt64, String)) {
        let buffer = ByteBuffer(capacity: 64)
        LineFormat.appendTime(pair.0, digits: 6, to: buffer)
        #expect(buffer.view.string == pair.1)
        buffer.reset()
        LineFormat.appendTime(pair.0, digits: 3, to: buffer)
        #expect(buffer.view.string == pair.1.dropLast(4) + "Z")
    }
}

@Suite struct ResponseFlagsTests {
    @Test("Every flag has its own short name, and none is a dash")
    func names() {
        #expect(ResponseFlags.shortNames.count == 28)
        #expect(Set(ResponseFlags.shortNames.map(\.description)).count == 28)
        #expect(ResponseFlags([]).shortNames == "-")
        #expect(ResponseFlags.downstreamRemoteReset.shortNames == "DR")
        #expect(
            ResponseFlags([.noRoute, .upstreamConnectionTermination, .unauthorized]).shortNames
                == "NR,UC,UAEX")
    }
}
