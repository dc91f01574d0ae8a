/// The head of a request, of which little is of interest, and what goes before an answer.
struct PageHead {
    private(set) var method = ""
    private(set) var path = ""
    private(set) var accept = ""
    /// What is answered at once.
    private(set) var problem: PageServer.Page?

    /// Where the empty line ends; nil when there is none yet.
    static func end(of bytes: [UInt8]) -> Int? {
        guard bytes.count >= 4 else { return nil }
        for index in 3..<bytes.count
        where bytes[index] == 0x0A && bytes[index - 1] == 0x0D && bytes[index - 2] == 0x0A
            && bytes[index - 3] == 0x0D
        { return index + 1 }
        return nil
    }

    init(_ bytes: [UInt8]) {
        let lines = bytes.split(separator: 0x0A).map { line in
            String(decoding: line.last == 0x0D ? line.dropLast() : line, as: UTF8.self)
        }
        let words = (lines.first ?? "").split(separator: " ")
        guard words.count == 3, words[2].hasPrefix("HTTP/1."), words[1].utf8.first == 0x2F else {
            self.problem = .badRequest
            return
        }
        self.method = String(words[0])
        self.path = String(words[1].prefix { $0 != "?" })
        if self.method != "GET", self.method != "HEAD" { self.problem = .methodNotAllowed }
        for line in lines.dropFirst() {
            guard let colon = line.firstIndex(of: ":"), line[..<colon].lowercased() == "accept" else {
                continue
            }
            let value = line[line.index(after: colon)...]
            self.accept += (self.accept.isEmpty ? "" : ",") + value
        }
    }

    static func response(_ page: PageServer.Page, withBody: Bool) -> [UInt8] {
        let reason =
            switch page.status {
            case 200: "OK"
            case 400: "Bad Request"
            case 404: "Not Found"
            default: "Method Not Allowed"
            }
        var bytes = Array(
            """
            HTTP/1.1 \(page.status) \(reason)\r
            Content-Type: \(page.type)\r
            Content-Length: \(page.body.count)\r
            Connection: close\r
            \r

            """.utf8)
        if withBody { bytes += page.body }
        return bytes
    }
}
