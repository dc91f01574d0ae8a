extension ConfigShape where Value == ListenAddress {
    /// Where to listen: any port, 0 included.
    static var listenAddress: Self {
        let text = ConfigShape<String>.text(1...4096)
        let pattern = #"^(unix:.+|\[[0-9A-Fa-f:.]+\]:[0-9]{1,5}|[0-9.]+:[0-9]{1,5})$"#
        return Self(
            schema: text.schema.adding("pattern", ConfigNode(.string(pattern))),
            read: { node, reading in
                guard let text = text.read(node, &reading) else { return nil }
                guard let address = ListenAddress(text: text, reading) else {
                    let forms = "`127.0.0.1:8080`, `[::1]:8080` or `unix:/run/p.sock`"
                    reading.problem(node, "must be an address as \(forms), got \(node.shown)")
                    return nil
                }
                return address
            },
            write: { ConfigNode(.string($0.description)) }
        )
    }
}

extension ListenAddress {
    /// As ``init(_:)``; the path of a Unix socket may be relative to the configuration's folder.
    init?(text: String, _ reading: ConfigReading) {
        guard text.hasPrefix("unix:"), text.utf8.count > 5 else {
            self.init(text)
            return
        }
        self.init("unix:" + reading.resolve(String(text.dropFirst(5))))
    }
}
