internal import PluginSupport
internal import PosternSDK

/// A content coding (RFC 9110, 8.4.1; RFC 7932; RFC 8878).
enum Encoding: Int32, Sendable, CaseIterable {
    case gzip = 0
    case brotli = 1
    case zstd = 2

    /// As `accept-encoding` and configurations spell it.
    var name: StaticString {
        switch self {
        case .gzip: "gzip"
        case .brotli: "br"
        case .zstd: "zstd"
        }
    }

    init?(name: String) {
        guard let found = Self.allCases.first(where: { "\($0.name)" == name }) else { return nil }
        self = found
    }

    /// Levels of the library that serve a proxy.
    var levels: ClosedRange<Int> {
        switch self {
        case .gzip: 1...9
        case .brotli: 0...11
        case .zstd: 1...19
        }
    }

    /// Much for little time.
    var defaultLevel: Int {
        switch self {
        case .gzip: 6
        case .brotli: 4
        case .zstd: 3
        }
    }
}

/// What a client's `accept-encoding` says of one coding each, in thousandths; -1 for nothing.
struct AcceptEncoding {
    private var gzip = -1
    private var brotli = -1
    private var zstd = -1
    private var identity = -1
    private var others = -1

    /// Reads a list with weights (RFC 9110, 12.5.3); an element that is none is passed over.
    init(_ list: Span<UInt8>) {
        var result = Self()
        list.forEachElement { element in
            let end = element.firstIndex(of: 0x3B)
            let name = element.extracting(0..<end)
            let coding = name.extracting(name.trimmedRange)
            guard let weight = Self.weight(element.extracting(end..<element.count)) else { return true }
            if coding.isEqual(toLowercase: "gzip") || coding.isEqual(toLowercase: "x-gzip") {
                result.gzip = weight
            } else if coding.isEqual(toLowercase: "br") {
                result.brotli = weight
            } else if coding.isEqual(toLowercase: "zstd") {
                result.zstd = weight
            } else if coding.isEqual(toLowercase: "identity") {
                result.identity = weight
            } else if coding.isEqual(toLowercase: "*") {
                result.others = weight
            }
            return true
        }
        self = result
    }

    private init() {}

    /// Nothing, or `;q=0.8`, in thousandths; nil when malformed.
    private static func weight(_ parameters: Span<UInt8>) -> Int? {
        if parameters.isEmpty { return 1000 }
        let rest = parameters.extracting(1..<parameters.count)
        let text = rest.extracting(rest.trimmedRange)
        guard text.hasPrefix(lowercase: "q="), (3...7).contains(text.count),
            text[2] == 0x30 || text[2] == 0x31
        else { return nil }
        var weight = text[2] == 0x31 ? 1000 : 0
        if text.count == 3 { return weight }
        guard text[3] == 0x2E else { return nil }
        var scale = 100
        for index in 4..<text.count {
            guard (0x30...0x39).contains(text[index]) else { return nil }
            weight += Int(text[index] - 0x30) * scale
            scale /= 10
        }
        return weight <= 1000 ? weight : nil
    }

    /// The coding that the client likes best; of several, the first of `offered`. Nil when it prefers none.
    func best(of offered: [Encoding]) -> Encoding? {
        var best: Encoding?
        // A client that names no coding at all takes the plain text, and likes it least if it names others.
        var most = max(self.identity, 0)
        for encoding in offered {
            let named =
                switch encoding {
                case .gzip: self.gzip
                case .brotli: self.brotli
                case .zstd: self.zstd
                }
            let weight = named >= 0 ? named : self.others
            if weight > 0, weight > most || (best == nil && weight == most) {
                best = encoding
                most = weight
            }
        }
        return best
    }
}
