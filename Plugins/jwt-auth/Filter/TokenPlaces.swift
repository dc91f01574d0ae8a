internal import PluginSupport
internal import PosternSDK

/// Where requests carry their token.
struct TokenPlaces: Sendable {
    private let headers: [HeaderName]
    /// The names of all fields that count, in lower case.
    private let fieldNames: [[UInt8]]
    private let cookie: [UInt8]?
    private let parameter: [UInt8]?

    /// - Throws: ``ConfigProblem`` for names that are none.
    init(_ config: JwtAuth.Config.TokenFrom?, host: borrowing FilterHost) throws(ConfigProblem) {
        var headers: [HeaderName] = []
        for (index, name) in (config?.headers ?? ["authorization"]).enumerated() {
            headers.append(try host.headerName(name, at: "/tokenFrom/headers/\(index)"))
        }
        self.headers = headers
        let names = (config?.headers ?? ["authorization"]) + (config?.cookie == nil ? [] : ["cookie"])
        self.fieldNames = names.map { $0.utf8.map(\.asciiLowercase) }
        self.cookie = config?.cookie.map { Array($0.utf8) }
        self.parameter = config?.query.map { Array($0.utf8) }
        if headers.isEmpty, self.cookie == nil, self.parameter == nil {
            throw ConfigProblem("/tokenFrom", "must have at least one of headers, cookie and query")
        }
    }

    /// The first token; headers come before the cookie, and that before the query.
    ///
    /// - Parameter several: Whether there is more than one.
    func token(in request: borrowing RequestHead, _ several: inout Bool) -> [UInt8]? {
        var found: [UInt8]?
        func take(_ token: [UInt8]) { if found == nil { found = token } else { several = true } }
        for name in self.headers {
            guard let value = request.header(name) else { continue }
            if value.hasPrefix(lowercase: "bearer ") {
                let rest = value.extracting(7..<value.count)
                take(Array(copying: rest.extracting(rest.trimmedRange)))
            } else if name != .authorization {
                take(Array(copying: value))
            }
        }
        if let cookie = self.cookie, let value = request.header(.cookie) {
            Self.forEachPair(value, 0x3B) { name, token in
                if name.isEqual(to: cookie.span) { take(Array(copying: token)) }
            }
        }
        if let parameter = self.parameter {
            let path = request.path
            let mark = path.firstIndex(of: 0x3F)
            if mark < path.count {
                Self.forEachPair(path.extracting((mark + 1)..<path.count), 0x26) { name, token in
                    if name.isEqual(to: parameter.span) { take(Array(copying: token)) }
                }
            }
        }
        return found
    }

    /// Whether a field that may carry a token stands twice, so that the service might read the other one.
    func isRepeated(in request: borrowing RequestHead) -> Bool {
        for wanted in self.fieldNames {
            var isSeen = false
            for index in 0..<request.fieldCount {
                guard request.fieldName(at: index)?.isEqual(toLowercase: wanted.span) == true else {
                    continue
                }
                if isSeen { return true }
                isSeen = true
            }
        }
        return false
    }

    /// Takes the tokens out, wherever they are.
    func remove(from stream: inout some FieldSection & ~Copyable) throws(FieldError) {
        for name in self.headers { stream.removeHeader(name) }
        if let cookie = self.cookie {
            var kept: [UInt8]?
            if let value = stream.header(.cookie) { kept = Self.without(cookie, value, 0x3B) }
            if let kept {
                if kept.isEmpty {
                    stream.removeHeader(.cookie)
                } else {
                    try stream.setHeader(.cookie, kept.span)
                }
            }
        }
        if let parameter = self.parameter {
            var kept: [UInt8]?
            if let path = stream.header(named: ":path") {
                let mark = path.firstIndex(of: 0x3F)
                if mark < path.count,
                    let query = Self.without(parameter, path.extracting((mark + 1)..<path.count), 0x26)
                {
                    kept = Array(copying: path.extracting(0..<mark)) + (query.isEmpty ? [] : [0x3F] + query)
                }
            }
            if let kept {
                try stream.setHeader(named: ":path", String(decoding: kept, as: UTF8.self))
            }
        }
    }

    /// - Returns: nil when there is nothing to take out.
    private static func without(_ name: [UInt8], _ list: Span<UInt8>, _ separator: UInt8) -> [UInt8]? {
        var kept: [UInt8] = []
        var isFound = false
        Self.forEachPart(list, separator) { part in
            let key = part.extracting(0..<part.firstIndex(of: 0x3D))
            if key.extracting(key.trimmedRange).isEqual(to: name.span) {
                isFound = true
            } else {
                if !kept.isEmpty { kept.append(separator) }
                kept += Array(copying: part)
            }
        }
        guard isFound else { return nil }
        return Array(kept.drop { $0 == 0x20 })
    }

    private static func forEachPart(
        _ list: Span<UInt8>, _ separator: UInt8, _ body: (Span<UInt8>) -> Void
    ) {
        var start = 0
        while start <= list.count {
            let end = list.firstIndex(of: separator, from: start)
            body(list.extracting(start..<end))
            start = end + 1
        }
    }

    private static func forEachPair(
        _ list: Span<UInt8>, _ separator: UInt8, _ body: (Span<UInt8>, Span<UInt8>) -> Void
    ) {
        Self.forEachPart(list, separator) { part in
            let equals = part.firstIndex(of: 0x3D)
            guard equals < part.count else { return }
            let name = part.extracting(0..<equals)
            let value = part.extracting((equals + 1)..<part.count)
            body(name.extracting(name.trimmedRange), value.extracting(value.trimmedRange))
        }
    }
}
