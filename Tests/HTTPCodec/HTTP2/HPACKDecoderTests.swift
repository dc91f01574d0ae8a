import Primitives
import TestSupport
import Testing

@testable import HTTPCodec

@Suite struct HPACKDecoderTests {
    // RFC 7541, appendix C.

    @Test(
        "Requests of the RFC's examples, in plain text and in Huffman's code, fill the table",
        arguments: [
            [
                "8286 8441 0f77 7777 2e65 7861 6d70 6c65 2e63 6f6d",
                "8286 84be 5808 6e6f 2d63 6163 6865",
                "8287 85bf 400a 6375 7374 6f6d 2d6b 6579 0c63 7573 746f 6d2d 7661 6c75 65",
            ],
            [
                "8286 8441 8cf1 e3c2 e5f2 3a6b a0ab 90f4 ff",
                "8286 84be 5886 a8eb 1064 9cbf",
                "8287 85bf 4088 25a8 49e9 5ba9 7d7f 8925 a849 e95b b8e8 b4bf",
            ],
        ])
    func requests(_ blocks: [String]) {
        var decoder = HPACKDecoder()
        let first = [":method=GET", ":scheme=http", ":path=/", ":authority=www.example.com"].map {
            HPACKPair($0)
        }
        let third = [
            ":method=GET", ":scheme=https", ":path=/index.html", ":authority=www.example.com",
            "custom-key=custom-value",
        ].map { HPACKPair($0) }
        #expect(decoder.fields([UInt8](hex: blocks[0])) == first)
        #expect(decoder.fields([UInt8](hex: blocks[1])) == first + [HPACKPair("cache-control=no-cache")])
        #expect(decoder.fields([UInt8](hex: blocks[2])) == third)
    }

    @Test("Responses of the RFC's examples in a table of 256 bytes, from which entries go")
    func responses() {
        var decoder = HPACKDecoder()
        decoder.changeTableSize(256)
        // The size comes first, since the peer had more.
        let blocks = [
            """
            3f e1 01 4882 6402 5885 aec3 771a 4b61 96d0 7abe 9410 54d4 44a8 2005 9504 0b81 66e0 82a6 2d1b ff6e
            919d 29ad 1718 63c7 8f0b 97c8 e9ae 82ae 43d3
            """,
            "4883 640e ffc1 c0bf",
            """
            88c1 6196 d07a be94 1054 d444 a820 0595 040b 8166 e084 a62d 1bff c05a 839b d9ab 77ad 94e7
            821d d7f2 e6c7 b335 dfdf cd5b 3960 d5af 2708 7f36 72c1 ab27 0fb5 291f 9587 3160 65c0 03ed
            4ee5 b106 3d50 07
            """,
        ]
        let location = "location=https://www.example.com"
        let date = "date=Mon, 21 Oct 2013 20:13:21 GMT"
        let cookie = "set-cookie=foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600; version=1"
        let expected = [
            [":status=302", "cache-control=private", date, location],
            [":status=307", "cache-control=private", date, location],
            [
                ":status=200", "cache-control=private", "date=Mon, 21 Oct 2013 20:13:22 GMT", location,
                "content-encoding=gzip", cookie,
            ],
        ]
        for (block, lines) in zip(blocks, expected) {
            #expect(decoder.fields([UInt8](hex: block)) == lines.map { HPACKPair($0) })
        }
    }

    @Test("A literal that nobody may index is told apart, and in no table")
    func neverIndexed() {
        var decoder = HPACKDecoder()
        let block = [UInt8](hex: "1008 7061 7373 776f 7264 0673 6563 7265 74")
        #expect(decoder.fields(block) == [HPACKPair("password=secret", isNeverIndexed: true)])
        #expect(decoder.fields([0xBE]) == nil)
    }

    @Test(
        "What breaks HPACK's rules is refused",
        arguments: [
            "80",  // Index 0.
            "be",  // An entry that is not there.
            "ff80 8080 8010",  // An index beyond all sense.
            "ff80 8080 8080 8080 8000",  // A small one in too many bytes.
            "7f00 0161",  // A name that is not there.
            "823f e11f",  // A size that does not come first.
            "3fe2 1f",  // A size that was not allowed.
            "4085 ffff ffff ff01 61",  // Huffman: the end's code.
            "4081 1801 61",  // Huffman: padding that is not all ones.
            "4082 1fff 0161",  // Huffman: a whole byte of padding.
            "4003 6161",  // An end in the middle of a name,
            "4001 61",  // of a field,
            "41", "ff", "3f",  // and of a number.
        ])
    func refused(_ block: String) {
        var decoder = HPACKDecoder()
        #expect(decoder.fields([UInt8](hex: block)) == nil)
    }

    @Test("A table that was made smaller than it is must be announced at the beginning of the next block")
    func announcedSize() {
        var decoder = HPACKDecoder()
        #expect(decoder.fields([UInt8](hex: "4001 6101 62")) == [HPACKPair("a=b")])
        decoder.changeTableSize(0)
        #expect(decoder.fields([0x82]) == nil)
        #expect(decoder.fields([] as [UInt8]) == nil)
        #expect(decoder.fields([0x20, 0x82]) == [HPACKPair(":method=GET")])
        #expect(decoder.fields([0xBE]) == nil)
        // Nothing stays in a table of no bytes, and it may not grow by itself.
        #expect(decoder.fields([UInt8](hex: "4001 6101 62")) == [HPACKPair("a=b")])
        #expect(decoder.fields([0xBE]) == nil)
        #expect(decoder.fields([0x21]) == nil)
        decoder.changeTableSize(64)
        #expect(decoder.fields([UInt8](hex: "3f21 4001 6101 62")) == [HPACKPair("a=b")])
        #expect(decoder.fields([0xBE]) == [HPACKPair("a=b")])
        // Of several changes, the smallest must be seen.
        for size in [40, 64] { decoder.changeTableSize(size) }
        #expect(decoder.fields([UInt8](hex: "3f21 82")) == nil)
        #expect(decoder.fields([UInt8](hex: "3f09 3f21 82")) == [HPACKPair(":method=GET")])
    }

    @Test("An entry larger than the table empties it")
    func largeEntry() {
        var decoder = HPACKDecoder()
        #expect(decoder.fields([UInt8](hex: "4001 6101 62")) == [HPACKPair("a=b")])
        let large = HPACKPair(Array("a".utf8), [UInt8](repeating: 0x62, count: 4096))
        #expect(decoder.fields([UInt8](hex: "4001 617f 811f") + large.value) == [large])
        #expect(decoder.fields([0xBE]) == nil)
    }

    @Test("A value may name the entry that it pushes out")
    func nameOfEvicted() {
        var decoder = HPACKDecoder()
        let name = [UInt8](repeating: 0x61, count: 2000)
        let value = [UInt8](repeating: 0x62, count: 2050)
        let first = [UInt8](hex: "407f d10e") + name + [0x01, 0x62]
        #expect(decoder.fields(first) == [HPACKPair(name, [0x62])])
        #expect(decoder.fields([UInt8](hex: "7e 7f 830f") + value) == [HPACKPair(name, value)])
        // Both entries together would not fit.
        #expect(decoder.fields([0xBE]) == [HPACKPair(name, value)])
        #expect(decoder.fields([0xBF]) == nil)
    }

    @Test("Every byte in Huffman's code comes out as it was")
    func everyByte() {
        let deflater = HTTP2Deflater()
        var decoder = HPACKDecoder()
        for byte in UInt8.min...UInt8.max {
            // Among zeros, whose code is the shortest, nghttp2 always chooses Huffman's.
            let pair = HPACKPair(Array("a".utf8), [0x30, 0x30, byte, 0x30, 0x30, 0x30, 0x30, 0x30, 0x30])
            #expect(decoder.fields(deflater.block([(pair.name, pair.value)])) == [pair])
        }
    }

    @Test("Blocks that nghttp2 has made of random fields, wherever they are cut", arguments: 0..<24)
    func random(seed: UInt64) {
        var random = HPACKRandom(seed)
        var sizes = [4096]
        let deflater = HTTP2Deflater()
        var whole = HPACKDecoder()
        var cut = HPACKDecoder()
        for _ in 0..<120 {
            if random.next(20) == 0 {
                let size = random.next(3) == 0 ? 0 : random.next(8192)
                sizes.append(size)
                deflater.changeTableSize(size)
                whole.changeTableSize(size)
                cut.changeTableSize(size)
            }
            let fields = (0..<random.next(12)).map { _ in random.field() }
            let block = deflater.block(fields.map { ($0.name, $0.value) }) { fields[$0].isNeverIndexed }
            #expect(whole.fields(block) == fields, "sizes \(sizes)")
            let place = random.next(block.count + 1)
            let second = random.next(block.count - place + 1) + place
            let parts = [Array(block[..<place]), Array(block[place..<second]), Array(block[second...])]
            #expect(cut.fields(parts) == fields, "cut at \(place) and \(second)")
        }
    }
}
