extension ConfigShape where Value == ListenAddress {
    /// Where to listen: any port, 0 included.
    static var listenAddress: Self { .address(isEndpoint: false) }

    /// Where to connect to: a port, and not 0.
    static var endpointAddress: Self { .address(isEndpoint: true) }

    private static func address(isEndpoint: Bool) -> Self {
        let text = ConfigShape<String>.text(1...4096)
        let pattern = #"^(unix:.+|\[[0-9A-Fa-f:.]+\]:[0-9]{1,5}|[0-9.]+:[0-9]{1,5})$"#
        return Self(
            schema: text.schema.adding("pattern", ConfigNode(.string(pattern))),
            read: { node, reading in
                guard let text = text.read(node, &reading) else { return nil }
                if isEndpoint, text.hasPrefix("dns:") {
                    reading.problem(node, "`dns:` is not available yet in this version; use an IP address")
                    return nil
                }
                guard let address = ListenAddress(Self.resolved(text, reading)) else {
                    let forms = "`127.0.0.1:8080`, `[::1]:8080` or `unix:/run/p.sock`"
                    reading.problem(node, "must be an address as \(forms), got \(node.shown)")
                    return nil
                }
                if isEndpoint, address.port == 0 {
                    reading.problem(node, "the port must be 1...65535, got 0")
                }
                return address
            },
            write: { ConfigNode(.string($0.description)) }
        )
    }

    private static func resolved(_ text: String, _ reading: ConfigReading) -> String {
        guard text.hasPrefix("unix:"), text.utf8.count > 5 else { return text }
        return "unix:" + reading.resolve(String(text.dropFirst(5)))
    }
}
