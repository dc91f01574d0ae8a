import Foundation
import Testing

/// A script, what is asked of it, and what the service answers: a file below `lua/`, which begins with a
/// comment that holds all but the script as JSON.
struct LuaCase: Decodable, Sendable, CustomTestStringConvertible {
    /// One message.
    struct Message: Decodable, Sendable {
        var method: String?
        var path: String?
        var status: Int?
        var headers: [String: Values]?
        var body: String?
        var chunks: [String]?
        var trailers: [String: String]?
    }

    /// One value of a field, or several.
    struct Values: Decodable, Sendable {
        let all: [String]

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            self.all = try (try? container.decode([String].self)) ?? [container.decode(String.self)]
        }
    }

    /// What it shows.
    let what: String
    let requests: [Message]
    var response: Message?
    /// Facts of the route, as JSON.
    var metadata: JSONValue?
    /// So many asynchronous calls are waited for.
    var service_requests: Int?
    /// Framing fields that count here.
    var keeps: [String]?
    /// Fields that do not count here.
    var ignore: [String]?
    var ignore_body: Bool?
    /// The words of the status line, when each proxy may choose them.
    var ignore_reason: Bool?
    /// The page below `docs/decisions` that says why the two do not do the same.
    var differs: String?

    /// The file's name without ending.
    private(set) var name = ""
    private(set) var script = ""
    var testDescription: String { self.name }

    private enum CodingKeys: CodingKey {
        case what, requests, response, metadata, service_requests, keeps, ignore, ignore_body, ignore_reason,
            differs
    }

    static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("lua")

    static let all: [LuaCase] = {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        return names.filter { $0.hasSuffix(".lua") }.sorted().compactMap { try? LuaCase($0) }
    }()

    /// - Parameter file: A name within ``folder``.
    init(_ file: String) throws {
        let text = try String(contentsOf: Self.folder.appendingPathComponent(file), encoding: .utf8)
        let begin = try #require(text.range(of: "--[[case\n")?.upperBound)
        let end = try #require(text.range(of: "\n]]\n")?.lowerBound)
        self = try JSONDecoder().decode(Self.self, from: Data(text[begin..<end].utf8))
        self.name = String(file.dropLast(4))
        self.script = text
    }
}

/// Any JSON, carried from one configuration into another.
enum JSONValue: Codable, Sendable {
    case bool(Bool), integer(Int), number(Double), text(String), list([JSONValue]), object(
        [String: JSONValue])

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let bool = try? container.decode(Bool.self) {
            self = .bool(bool)
        } else if let integer = try? container.decode(Int.self) {
            self = .integer(integer)
        } else if let number = try? container.decode(Double.self) {
            self = .number(number)
        } else if let text = try? container.decode(String.self) {
            self = .text(text)
        } else if let list = try? container.decode([JSONValue].self) {
            self = .list(list)
        } else {
            self = .object(try container.decode([String: JSONValue].self))
        }
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .bool(let bool): try container.encode(bool)
        case .integer(let integer): try container.encode(integer)
        case .number(let number): try container.encode(number)
        case .text(let text): try container.encode(text)
        case .list(let list): try container.encode(list)
        case .object(let object): try container.encode(object)
        }
    }

    var json: String {
        (try? JSONEncoder().encode(self)).map { String(decoding: $0, as: UTF8.self) } ?? "null"
    }
}

extension LuaCase.Message {
    /// The bytes of a request for the case's route.
    func request(to route: String) -> String {
        let path = "/\(route)\(self.path ?? "")"
        return "\(self.method ?? "GET") \(path) HTTP/1.1\r\nHost: example.com\r\n"
            + self.rest(isRequest: true)
    }

    /// The bytes of a response.
    var response: String {
        "HTTP/1.1 \(self.status ?? 200) Whatever\r\n" + self.rest(isRequest: false)
    }

    private func rest(isRequest: Bool) -> String {
        var head = ""
        for (name, values) in (self.headers ?? [:]).sorted(by: { $0.key < $1.key }) {
            for value in values.all { head += "\(name): \(value)\r\n" }
        }
        guard self.chunks != nil || self.trailers != nil else {
            let body = self.body ?? (isRequest ? "" : "backend")
            if isRequest, body.isEmpty { return head + "\r\n" }
            return head + "Content-Length: \(body.utf8.count)\r\n\r\n\(body)"
        }
        var text = head + "Transfer-Encoding: chunked\r\n\r\n"
        for chunk in self.chunks ?? [] { text += "\(String(chunk.utf8.count, radix: 16))\r\n\(chunk)\r\n" }
        text += "0\r\n"
        for (name, value) in self.trailers ?? [:] { text += "\(name): \(value)\r\n" }
        return text + "\r\n"
    }
}
