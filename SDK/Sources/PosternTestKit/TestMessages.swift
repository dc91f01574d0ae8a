/// A body, as the parts in which it arrives; `"text"` is one part, `["te", "xt"]` are two.
///
/// How a body is cut is the network's choice and no promise of the host.
public struct TestBody: Sendable, Hashable, ExpressibleByStringLiteral, ExpressibleByArrayLiteral {
    /// The parts' bytes; none: there is no body.
    public var parts: [[UInt8]]

    /// Parts of bytes.
    public init(parts: [[UInt8]] = []) { self.parts = parts }

    /// One part; no body when it is empty.
    public init(stringLiteral value: String) { self.init(value) }

    /// A part for each text.
    public init(arrayLiteral elements: String...) { self.parts = elements.map { Array($0.utf8) } }

    /// One part; no body when it is empty.
    public init(_ text: String) { self.parts = text.isEmpty ? [] : [Array(text.utf8)] }

    /// All bytes.
    public var bytes: [UInt8] { Array(self.parts.joined()) }

    /// All bytes as text.
    public var text: String { String(decoding: self.bytes, as: UTF8.self) }
}

/// A request, as a client sends it or as a service gets it.
public struct TestRequest: Sendable, Hashable {
    /// `GET`, `POST`, …
    public var method: String
    /// Path and query, normalised.
    public var path: String
    /// `http` or `https`.
    public var scheme = "http"
    /// Host and port.
    public var authority = "example.com"
    /// Without pseudo-fields.
    public var headers: TestFields
    /// In the parts in which it arrives.
    public var body: TestBody
    /// Behind the body.
    public var trailers: TestFields

    /// A `GET` of "/" unless said otherwise.
    public init(
        _ method: String = "GET", _ path: String = "/", headers: TestFields = [:], body: TestBody = "",
        trailers: TestFields = [:]
    ) {
        self.method = method
        self.path = path
        self.headers = headers
        self.body = body
        self.trailers = trailers
    }
}

/// A response, as a service sends it or as a client gets it.
public struct TestResponse: Sendable, Hashable {
    /// 200...599.
    public var status: Int
    /// In order.
    public var headers: TestFields
    /// In the parts in which it arrives.
    public var body: TestBody
    /// Behind the body.
    public var trailers: TestFields

    /// A 200 without a body unless said otherwise.
    public init(
        _ status: Int = 200, headers: TestFields = [:], body: TestBody = "", trailers: TestFields = [:]
    ) {
        self.status = status
        self.headers = headers
        self.body = body
        self.trailers = trailers
    }
}
