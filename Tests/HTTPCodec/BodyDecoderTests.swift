import Filtering
import HTTPCodec
import Primitives
import Testing

@Suite struct BodyDecoderTests {
    @Test("A body of a length takes just that, and leaves the rest")
    func length() {
        var decoder = BodyDecoder()
        decoder.begin(.length(5), limits: HeadLimits())
        let trailers = HeaderBlock(capacity: 16)
        let first = decoder.next(ByteView("hel"), trailers: trailers)
        #expect(first.data == "hel")
        #expect(!first.isEnd)
        let second = decoder.next(ByteView("loGET"), trailers: trailers)
        #expect(second.data == "lo")
        #expect(second.consumed == 2)
        #expect(second.isEnd)
        #expect(decoder.isFinished)
    }

    @Test("No body is finished at once", arguments: [BodyFraming.none, .length(0)])
    func none(framing: BodyFraming) {
        var decoder = BodyDecoder()
        decoder.begin(framing, limits: HeadLimits())
        #expect(decoder.isFinished)
        #expect(decoder.next(ByteView("x"), trailers: HeaderBlock(capacity: 16)).consumed == 0)
    }

    @Test(
        "The end of the connection ends only a body that lasts until then",
        arguments: [(BodyFraming.untilClose, true), (.length(3), false), (.chunked, false), (.none, true)]
    )
    func end(framing: BodyFraming, isLegal: Bool) {
        var decoder = BodyDecoder()
        decoder.begin(framing, limits: HeadLimits())
        _ = decoder.next(ByteView("1"), trailers: HeaderBlock(capacity: 16))
        #expect(decoder.end() == (isLegal ? nil : .bodyCutShort))
    }

    @Test("Faults of a response are a bad gateway")
    func responseFaults() {
        var decoder = BodyDecoder()
        decoder.begin(.chunked, limits: HeadLimits(), isResponse: true)
        let step = decoder.next(ByteView("x"), trailers: HeaderBlock(capacity: 16))
        #expect(step.error?.status == 502)
        #expect(step.error?.details.description == "http1.bad_chunk_size")
    }

    @Test("Data of chunks is a slice of what was given, one chunk a call")
    func slices() {
        var decoder = BodyDecoder()
        decoder.begin(.chunked, limits: HeadLimits())
        let trailers = HeaderBlock(capacity: 16)
        let input = ByteView("3\r\nabc\r\n2;x\r\nde\r\n0\r\n\r\nNEXT")
        var at = 0
        var data: [String] = []
        while !decoder.isFinished {
            let step = decoder.next(input.dropFirst(at), trailers: trailers)
            #expect(step.error == nil)
            if !step.data.isEmpty {
                #expect(step.data.base >= input.base && step.data.base < input.base + input.count)
                data.append(step.data.string)
            }
            at += step.consumed
        }
        #expect(data == ["abc", "de"])
        #expect(input.dropFirst(at) == "NEXT")
    }

    @Test("Trailers are bounded by the limit of fields")
    func trailerFields() {
        var decoder = BodyDecoder()
        decoder.begin(.chunked, limits: HeadLimits(head: 100, fields: 2))
        let step = decoder.next(
            ByteView("0\r\na: 1\r\nb: 2\r\nc: 3\r\n\r\n"), trailers: HeaderBlock(capacity: 16))
        #expect(step.error == .tooManyFields)
    }
}
