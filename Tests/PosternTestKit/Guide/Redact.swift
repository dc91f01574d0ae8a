import PosternSDK

struct Redact: HTTPFilter {
    struct Config: Decodable, Sendable { let words: [String] }

    static let name = "redact"
    static let version = "1.0.0"
    static let schema = """
        { "type": "object", "required": ["words"], "additionalProperties": false, "properties": {
            "words": { "type": "array", "minItems": 1, "items": { "type": "string", "minLength": 1 } } } }
        """

    let words: [[UInt8]]

    init(config: Config, host: borrowing FilterHost) throws {
        self.words = config.words.map { Array($0.utf8) }
    }

    func responseHead(
        _ response: inout ResponseHead, _ state: inout Void, endOfStream: Bool
    ) throws -> FilterAction {
        guard let type = response.text(.contentType), type.hasPrefix("text/") else { return .continue }
        response.limitBuffer(to: 256 * 1024)
        return .buffer
    }

    func responseBody(
        _ body: inout BodyChunk, _ state: inout Void, endOfStream: Bool
    ) throws -> FilterAction {
        var bytes = body.bytes.withUnsafeBufferPointer { Array($0) }
        var found = false
        for word in self.words {
            var index = 0
            while index + word.count <= bytes.count {
                if bytes[index..<index + word.count].elementsEqual(word) {
                    bytes.replaceSubrange(index..<index + word.count, with: "***".utf8)
                    found = true
                }
                index += 1
            }
        }
        if found { body.replace(with: bytes.span) }
        return .continue
    }
}
