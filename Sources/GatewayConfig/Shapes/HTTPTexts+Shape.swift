// Texts that become part of a message, or are compared with parts of one.

extension ConfigShape where Value == String {
    /// `a.example.com`, `*.example.com` or `*`; in lower case afterwards.
    static var hostPattern: Self {
        let pattern = #"^(\*|(\*\.)?[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*|\[[0-9A-Fa-f:.]+\])$"#
        return Self.text(1...253, matching: pattern, "a host without a port, `*.` and a domain, or `*`")
            .lowercased
    }

    /// A host without a port.
    static var host: Self {
        .text(1...253, matching: #"^([A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])$"#, "a host without a port")
    }

    /// A host with or without a port.
    static var authority: Self {
        let pattern = #"^([A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(:[0-9]{1,5})?$"#
        return .text(1...260, matching: pattern, "a host with or without a port")
    }

    /// A token (RFC 9110, 5.6.2); in lower case afterwards.
    static var headerName: Self {
        Self.text(1...256, matching: Self.token, "a field name without spaces and delimiters").lowercased
    }

    /// The name of a field that a configuration may write: not one that frames messages.
    static var writableHeaderName: Self {
        Self.headerName.checked { name, node, reading in
            guard Self.framing.contains(name) else { return }
            let advice = name == "host" ? "; use `rewrite.host`" : ""
            reading.problem(node, "`\(name)` belongs to the gateway and cannot be changed\(advice)")
        }
    }

    private static var framing: Set<String> {
        [
            "host", "content-length", "transfer-encoding", "connection", "keep-alive", "proxy-connection",
            "upgrade",
            "te", "trailer", "http2-settings",
        ]
    }

    /// A field's value (RFC 9110, 5.5).
    static var headerValue: Self {
        .text(
            0...8192, matching: #"^[^\x00-\x08\x0A-\x1F\x7F]*$"#, "a field value without control characters")
    }

    /// A method, case-sensitive (RFC 9110, 9.1); all that are registered are in capitals.
    static var method: Self {
        .text(1...32, matching: "^[A-Z][A-Z0-9_-]*$", "a method in capital letters")
    }

    /// A token of `Upgrade`; in lower case afterwards.
    static var upgradeToken: Self {
        let pattern = "^[!#$%&'*+.^_`|~/0-9A-Za-z-]+$"
        return Self.text(1...64, matching: pattern, "a protocol name as `websocket`").lowercased
    }

    private static var token: String { "^[!#$%&'*+.^_`|~0-9A-Za-z-]+$" }

    /// A path without a query.
    static var path: Self {
        .text(
            1...8192, matching: #"^/[^\x00-\x20\x7F#?]*$"#,
            "a path that begins with `/`, without query and spaces")
    }

    private var lowercased: Self {
        let read = self.read
        return Self(
            schema: self.schema, read: { node, reading in read(node, &reading)?.lowercased() },
            write: self.write)
    }
}
