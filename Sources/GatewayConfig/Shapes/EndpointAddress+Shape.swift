extension ConfigShape where Value == EndpointAddress {
    /// Where to connect to: an address with a port that is not 0, or a name with one.
    static var endpointAddress: Self {
        let text = ConfigShape<String>.text(1...4096)
        let pattern = #"^(unix:.+|dns:.+:[0-9]{1,5}|\[[0-9A-Fa-f:.]+\]:[0-9]{1,5}|[0-9.]+:[0-9]{1,5})$"#
        return Self(
            schema: text.schema.adding("pattern", ConfigNode(.string(pattern))),
            read: { node, reading in
                guard let text = text.read(node, &reading) else { return nil }
                if text.hasPrefix(DNSName.prefix) {
                    return Self.name(String(text.dropFirst(DNSName.prefix.count)), node, &reading)
                }
                guard let address = ListenAddress(text: text, reading) else {
                    let forms = "`127.0.0.1:8080`, `[::1]:8080`, `dns:a.internal:8080` or `unix:/run/p.sock`"
                    var hint = ""
                    if case .success(let name) = DNSName.parse(text) {
                        hint = "; a name is written `\(name)`"
                    }
                    reading.problem(node, "must be an address as \(forms), got \(node.shown)\(hint)")
                    return nil
                }
                if address.port == 0 { reading.problem(node, "the port must be 1...65535, got 0") }
                return .address(address)
            },
            write: { ConfigNode(.string($0.description)) }
        )
    }

    private static func name(_ text: String, _ node: ConfigNode, _ reading: inout ConfigReading) -> Value? {
        switch DNSName.parse(text) {
        case .success(let name): return .name(name)
        case .failure(.noPort):
            reading.problem(
                node, "a name needs a port as in `dns:reviews.internal:9080`, got \(node.shown)")
        case .failure(.badPort): reading.problem(node, "the port must be 1...65535, got \(node.shown)")
        case .failure(.address(let address)):
            reading.problem(node, "`dns:` is for names; write the address alone: `\(address)`")
        case .failure(.badHost(let why)):
            reading.problem(node, "is no name as in `dns:reviews.internal:9080`: \(why), got \(node.shown)")
        }
        return nil
    }
}
