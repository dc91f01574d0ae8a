internal import PluginSupport
public import PosternSDK

/// Compresses responses for clients that understand it.
public struct Compress: HTTPFilter {
    /// `config` in the gateway's configuration.
    public struct Config: Decodable, Sendable {
        let encodings: [String]?
        let levels: [String: Int]?
        let contentTypes: [String]?
        let minLength: ByteCount?
    }

    /// What the client takes, and the response's encoder.
    public struct StreamState: Sendable {
        var encoding: Encoding?
        /// A response to HEAD or CONNECT has no body to be encoded.
        var hasBody = true
        /// Whether the service may wait between two pieces, so that each must be passed on at once.
        var flushes = false
        var encoder: Encoder?
    }

    /// The plugin's name in configurations.
    public static let name = "compress"
    /// The plugin's version.
    public static let version = "0.1.0"
    static let defaultTypes = [
        "text/*", "application/json", "application/*+json", "application/javascript", "application/xml",
        "application/*+xml", "application/manifest+json", "application/wasm", "image/svg+xml", "font/ttf",
    ]

    private let encodings: [Encoding]
    /// By ``Encoding/rawValue``.
    private let levels: [Int]
    private let types: MediaTypes
    private let minLength: Int
    /// What would be wrong for the encoded body.
    private let digests: [HeaderName]
    private let before, after: Counter

    /// Checks codings, levels and types.
    public init(config: Config, host: borrowing FilterHost) throws {
        var encodings: [Encoding] = []
        for (index, name) in (config.encodings ?? ["zstd", "br", "gzip"]).enumerated() {
            guard let encoding = Encoding(name: name) else {
                throw ConfigProblem("/encodings/\(index)", "must be zstd, br or gzip, got '\(name)'")
            }
            encodings.append(encoding)
        }
        if encodings.isEmpty {
            throw ConfigProblem("/encodings", "must have at least one of zstd, br and gzip")
        }
        self.encodings = encodings
        var levels = Encoding.allCases.map(\.defaultLevel)
        for (name, level) in (config.levels ?? [:]).sorted(by: { $0.key < $1.key }) {
            guard let encoding = Encoding(name: name) else {
                throw ConfigProblem("/levels/\(name)", "must be of zstd, br or gzip")
            }
            guard encoding.levels.contains(level) else {
                let range = "\(encoding.levels.lowerBound)...\(encoding.levels.upperBound)"
                throw ConfigProblem("/levels/\(name)", "must be \(range), got \(level)")
            }
            levels[Int(encoding.rawValue)] = level
        }
        self.levels = levels
        do { self.types = try MediaTypes(config.contentTypes ?? Self.defaultTypes) } catch {
            throw ConfigProblem(
                "/contentTypes/\(error.index)",
                "must be a media type like text/html, text/* or application/*+json, got '\(error.text)'")
        }
        self.minLength = config.minLength?.bytes ?? 1024
        var digests: [HeaderName] = []
        for name in ["accept-ranges", "content-md5", "content-digest", "repr-digest", "digest"] {
            digests.append(try host.headerName(name))
        }
        self.digests = digests
        self.before = try host.counter(
            "compress_input_bytes_total", help: "Bytes of bodies before they were compressed.")
        self.after = try host.counter(
            "compress_output_bytes_total", help: "Bytes of bodies after they were compressed.")
    }

    /// Nothing known of the client.
    public func makeStreamState() -> StreamState { StreamState() }

    /// Remembers what the client takes, because later filters may change it.
    public func requestHead(
        _ request: inout RequestHead, _ state: inout StreamState, endOfStream: Bool
    ) throws -> FilterAction {
        let method = request.method
        state.hasBody = !method.isEqual(toLowercase: "head") && !method.isEqual(toLowercase: "connect")
        if let accepted = request.header(.acceptEncoding) {
            state.encoding = AcceptEncoding(accepted).best(of: self.encodings)
        }
        return .continue
    }

    /// Decides whether the response is compressed.
    public func responseHead(
        _ response: inout ResponseHead, _ state: inout StreamState, endOfStream: Bool
    ) throws -> FilterAction {
        guard self.isEligible(response) else { return .continue }
        // Also when this client gets it plain: a cache must not give that to others, nor theirs to it.
        try self.addVary(&response)
        guard state.hasBody, !endOfStream, let encoding = state.encoding,
            let encoder = Encoder(encoding, level: self.levels[Int(encoding.rawValue)])
        else { return .continue }
        state.encoder = encoder
        // With a length the end is near; without one, events may come hours apart.
        state.flushes = response.header(.contentLength) == nil
        try response.setHeader(.contentEncoding, "\(encoding.name)")
        for name in self.digests { response.removeHeader(name) }
        try self.weakenETag(&response)
        response.willChangeBody()
        return .continue
    }

    /// Encodes what has come.
    public func responseBody(
        _ body: inout BodyChunk, _ state: inout StreamState, endOfStream: Bool
    ) throws -> FilterAction {
        guard let encoder = state.encoder else { return .continue }
        let effort: Encoder.Effort = endOfStream ? .finish : state.flushes ? .flush : .gather
        let count = body.bytes.count
        if count == 0, !endOfStream { return .continue }
        try encoder.write(body.bytes, effort)
        body.add(UInt64(count), to: self.before)
        body.add(UInt64(encoder.outputCount), to: self.after)
        encoder.withOutput { body.replace(with: $0) }
        if endOfStream { state.encoder = nil }
        return .continue
    }

    private func isEligible(_ response: borrowing ResponseHead) -> Bool {
        switch response.status {
        case 200..<204, 205, 207..<300, 400..<600: break
        // 204 and 304 have no body, 206 is a part of one that other parts must fit.
        default: return false
        }
        guard let type = response.header(.contentType), self.types.contain(type) else { return false }
        if let encoding = response.header(.contentEncoding), !encoding.isEqual(toLowercase: "identity") {
            return false
        }
        if let control = response.header(.cacheControl), control.hasElement(lowercase: "no-transform") {
            return false
        }
        if let length = response.header(.contentLength)?.decimal, length < self.minLength { return false }
        return true
    }

    private func addVary(_ response: inout ResponseHead) throws {
        for index in 0..<response.fieldCount {
            guard response.fieldName(at: index)?.isEqual(toLowercase: "vary") == true,
                let value = response.fieldValue(at: index)
            else { continue }
            if value.hasElement(lowercase: "accept-encoding") || value.hasElement(lowercase: "*") { return }
        }
        try response.addHeader(.vary, "Accept-Encoding")
    }

    /// The compressed body is another sequence of bytes, so a strong validator would lie (RFC 9110, 8.8.1).
    private func weakenETag(_ response: inout ResponseHead) throws {
        guard let tag = response.text(.eTag), !tag.hasPrefix("W/") else { return }
        try response.setHeader(.eTag, "W/\(tag)")
    }
}
