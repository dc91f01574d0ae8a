extension ConfigShape where Value == DNSConfiguration {
    static var dns: Self {
        .object(
            DNSConfiguration(),
            [
                .key(
                    "mode", \.mode, .word(), "Whether each address of a name is an endpoint, or the name."),
                .key("family", \.family, .word(), "Which addresses are asked for and used."),
                .key(
                    "resolvers", \.resolvers, .resolvers,
                    "Servers to ask, in this order; those of /etc/resolv.conf when absent."
                ),
                .key("refresh", \.refresh, .refresh, "Bounds of the time that the TTL decides."),
                .key("hosts", \.hostsPath, .hostsFile, "A file of names that no server is asked for."),
            ]
        )
    }
}

extension ConfigShape where Value == DNSRefresh {
    fileprivate static var refresh: Self {
        let bounds = ConfigShape<Duration>.duration(.milliseconds(100)...(.seconds(24 * 3600)))
        return .object(
            DNSRefresh(),
            [
                .key("min", \.minimum, bounds, "The shortest, also for a TTL of 0."),
                .key("max", \.maximum, bounds, "The longest."),
            ]
        ).checked { refresh, node, reading in
            if refresh.minimum > refresh.maximum {
                let range = [refresh.minimum, refresh.maximum].map { ConfigDuration.spelling(of: $0) }
                reading.problem(node, "`min` must be at most `max`, got \(range[0]) and \(range[1])")
            }
        }
    }
}

extension ConfigShape where Value == [ListenAddress] {
    /// Servers of the domain name system: addresses, whose port is 53 when they name none.
    fileprivate static var resolvers: Self {
        var shape = ConfigShape.list(of: .resolver, unique: \.description).checked { list, node, reading in
            if list.count > 8 { reading.problem(node, "must have at most 8 elements, got \(list.count)") }
        }
        shape.schema = shape.schema.adding("maxItems", 8)
        return shape
    }
}

extension ConfigShape where Value == ListenAddress {
    fileprivate static var resolver: Self {
        let text = ConfigShape<String>.text(1...64)
        let pattern = #"^(\[[0-9A-Fa-f:.]+\](:[0-9]{1,5})?|[0-9.]+(:[0-9]{1,5})?|[0-9A-Fa-f:.]+)$"#
        return Self(
            schema: text.schema.adding("pattern", ConfigNode(.string(pattern))),
            read: { node, reading in
                guard let text = text.read(node, &reading) else { return nil }
                let forms = [text, "\(text):53", "[\(text)]:53"]
                guard let address = forms.lazy.compactMap({ ListenAddress($0) }).first,
                    let port = address.port
                else {
                    let allowed = "an IP address as `10.0.0.10`, `127.0.0.1:5300` or `[::1]:53`"
                    reading.problem(node, "must be \(allowed), got \(node.shown)")
                    return nil
                }
                if port == 0 { reading.problem(node, "the port must be 1...65535, got 0") }
                return address
            },
            write: { ConfigNode(.string($0.description)) }
        )
    }
}

extension ConfigShape where Value == String {
    /// As a path to any file, with its default shown.
    fileprivate static var hostsFile: Self {
        var shape = Self.filePath
        shape.write = { ConfigNode(.string($0)) }
        return shape
    }
}
