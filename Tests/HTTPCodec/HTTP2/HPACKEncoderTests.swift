import Filtering
import Primitives
import TestSupport
import Testing

@testable import HTTPCodec

@Suite struct HPACKEncoderTests {
    private func block(
        _ encoder: inout HPACKEncoder, _ fields: [HPACKPair], maxFrameSize: Int = 16_384
    ) -> [UInt8] {
        let output = ByteBuffer(capacity: 16)
        output.append("before")
        encoder.begin(in: output)
        for field in fields { self.add(field, to: &encoder, output) }
        encoder.finish(in: output, stream: 1, flags: [], maxFrameSize: maxFrameSize)
        let frames = HTTP2RawFrame.all(Array(output.view.bytes.dropFirst(6)))
        #expect(frames.dropLast().allSatisfy { $0.payload.count == maxFrameSize })
        return frames.flatMap(\.payload)
    }

    /// As the session adds it.
    private func add(_ field: HPACKPair, to encoder: inout HPACKEncoder, _ output: ByteBuffer) {
        field.name.withByteView { name in
            field.value.withByteView { value in
                let id = HeaderID.of(name)
                switch String(decoding: field.name, as: UTF8.self) {
                case ":method": encoder.add(method: value, to: output)
                case ":scheme": encoder.add(scheme: value, to: output)
                case ":path": encoder.add(path: value, to: output)
                case ":status": encoder.add(":status", index: 8, value, to: output)
                case ":authority": encoder.add(":authority", index: 1, value, to: output)
                case _ where id != .other:
                    encoder.add(id, value, isPrivate: field.isNeverIndexed, to: output)
                default: encoder.addFolded(name, value, isPrivate: field.isNeverIndexed, to: output)
                }
            }
        }
    }

    @Test("What was sent before goes by its index, of one byte")
    func indexed() {
        var encoder = HPACKEncoder()
        let fields = [
            ":method=GET", ":scheme=https", ":path=/", ":authority=a.example", "user-agent=test", "x-a=1",
            "x-b=",
        ].map { HPACKPair($0) }
        let first = self.block(&encoder, fields)
        let second = self.block(&encoder, fields)
        #expect(second.count == fields.count)
        var decoder = HPACKDecoder()
        #expect(decoder.fields(first) == fields)
        #expect(decoder.fields(second) == fields)
    }

    @Test("Secrets, and what is never the same twice, are in no table")
    func notIndexed() {
        var encoder = HPACKEncoder()
        let fields = [
            HPACKPair("authorization=secret", isNeverIndexed: true),
            HPACKPair("x-key=secret", isNeverIndexed: true),
            HPACKPair(":path=/a"), HPACKPair("content-length=7"), HPACKPair("set-cookie=a=b"),
        ]
        let first = self.block(&encoder, fields)
        #expect(self.block(&encoder, fields) == first)
        var decoder = HPACKDecoder()
        #expect(decoder.fields(first) == fields)
        #expect(decoder.fields([0xBE]) == nil)
    }

    @Test(
        "Each status has its own index, or is written out",
        arguments: [100, 200, 204, 206, 304, 404, 500, 599])
    func status(_ status: Int) {
        var encoder = HPACKEncoder()
        let output = ByteBuffer(capacity: 16)
        encoder.begin(in: output)
        encoder.add(status: status, to: output)
        encoder.finish(in: output, stream: 1, flags: [], maxFrameSize: 16_384)
        var decoder = HPACKDecoder()
        #expect(decoder.fields(Array(output.view.bytes.dropFirst(9))) == [HPACKPair(":status=\(status)")])
    }

    @Test("A peer that made its table smaller in between is told of the smallest, and of the last")
    func sizes() {
        var encoder = HPACKEncoder()
        var decoder = HPACKDecoder()
        let fields = [HPACKPair("x-a=1")]
        #expect(decoder.fields(self.block(&encoder, fields)) == fields)
        for size in [100_000, 4096] { encoder.changeTableSize(size) }
        #expect(self.block(&encoder, fields) == [0xBE])
        for size in [0, 64] { encoder.changeTableSize(size) }
        let block = self.block(&encoder, fields)
        #expect(Array(block.prefix(3)) == [0x20, 0x3F, 0x21])
        decoder.changeTableSize(64)
        #expect(decoder.fields(block) == fields)
        // The entry has gone with the rest, and came again.
        #expect(self.block(&encoder, fields) == [0xBE])
        #expect(decoder.fields([0xBE]) == fields)
    }

    @Test("A block that one frame does not hold goes on in CONTINUATION")
    func continuation() {
        var encoder = HPACKEncoder()
        let fields = [
            HPACKPair(Array("x-a".utf8), [UInt8](repeating: 0x61, count: 4000)), HPACKPair("x-b=1"),
        ]
        var decoder = HPACKDecoder()
        #expect(decoder.fields(self.block(&encoder, fields, maxFrameSize: 1000)) == fields)
    }

    @Test("nghttp2 reads what is written of random fields", arguments: 0..<24)
    func random(seed: UInt64) throws {
        var random = HPACKRandom(seed)
        var encoder = HPACKEncoder()
        var decoder = HPACKDecoder()
        let inflater = HTTP2Inflater()
        for _ in 0..<200 {
            if random.next(20) == 0 {
                let size = random.next(3) == 0 ? 0 : random.next(8192)
                // As a session does: the peer's decoder allows at most what the encoder was told.
                encoder.changeTableSize(size)
                decoder.changeTableSize(min(size, 4096))
                inflater.changeTableSize(min(size, 4096))
            }
            var fields = (0..<random.next(12)).map { _ in random.field() }
            for index in fields.indices {
                // These functions take no wish for privacy.
                if fields[index].name[0] == 0x3A { fields[index].isNeverIndexed = false }
            }
            let block = self.block(&encoder, fields)
            #expect(decoder.fields(block) == fields)
            let texts = fields.map {
                String(decoding: $0.name, as: UTF8.self) + ": " + String(decoding: $0.value, as: UTF8.self)
            }
            #expect(try inflater.fields(block) == texts)
        }
    }
}
