internal import Filtering
internal import Primitives

/// The fields behind the last chunk (RFC 9112, 7.1.2).
///
/// The bytes are collected in the block's arena, since trailers are rare and short, and read there when all
/// are there.
struct TrailerSection {
    /// Bytes of the present line but for its end; a lone CR counts.
    private var lineLength = 0
    private var isAfterReturn = false
    private var length = 0

    mutating func next(
        _ input: ByteView, from start: Int, into block: HeaderBlock, limits: HeadLimits
    ) -> BodyStep {
        if self.length == 0 { block.reset() }
        var at = start
        var isEnd = false
        while at < input.count, !isEnd {
            let byte = input[at]
            at += 1
            self.length += 1
            if self.length > limits.head { return Self.fail(input, at, .headTooLarge) }
            if byte == ASCII.lineFeed {
                guard self.isAfterReturn else { return Self.fail(input, at, .bareLineEnd) }
                isEnd = self.lineLength == 1
                self.lineLength = 0
                self.isAfterReturn = false
            } else {
                if self.isAfterReturn { return Self.fail(input, at, .bareLineEnd) }
                self.lineLength += 1
                self.isAfterReturn = byte == ASCII.carriageReturn
            }
        }
        block.arena.append(input[start..<at])
        guard isEnd else { return BodyStep(consumed: at, data: input[at..<at], isEnd: false, error: nil) }
        if let error = Self.read(block, limits) { return Self.fail(input, at, error) }
        return BodyStep(consumed: at, data: input[at..<at], isEnd: true, error: nil)
    }

    private static func read(_ block: HeaderBlock, _ limits: HeadLimits) -> HTTPError? {
        var section = FieldSection()
        section.isTrailers = true
        if case .failed(let error) = section.read(
            block.arena.view, into: block, maximum: limits.fields, isRequest: true
        ) {
            return error
        }
        for id in HeaderBlock.forbiddenInTrailers { block.removeAll(id) }
        return nil
    }

    private static func fail(_ input: ByteView, _ at: Int, _ error: HTTPError) -> BodyStep {
        BodyStep(consumed: at, data: input[at..<at], isEnd: false, error: error)
    }
}

extension HeaderBlock {
    /// Fields that frame, route, authorise or describe the message, and so come too late in trailers (RFC
    /// 9110, 6.5.1).
    static var forbiddenInTrailers: [HeaderID] {
        [
            .host, .contentLength, .transferEncoding, .connection, .keepAlive, .proxyConnection, .upgrade,
            .te, .trailer,
            .http2Settings, .expect, .via, .xForwardedFor, .xForwardedProto, .xForwardedHost, .authorization,
            .proxyAuthorization, .wwwAuthenticate, .cookie, .setCookie, .contentType, .contentEncoding,
            .cacheControl,
            .range, .location, .retryAfter,
        ]
    }
}
