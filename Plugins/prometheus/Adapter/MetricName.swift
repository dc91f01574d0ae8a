/// Names as Prometheus allows them.
enum MetricName {
    /// A metric's: other characters become `_`.
    static func sanitised(_ text: String) -> String { self.replacing(text, colons: true) }

    /// A label's; what begins with two underscores is Prometheus's own.
    static func label(_ text: String) -> String {
        let name = self.replacing(text, colons: false)
        return name.hasPrefix("__") || name == "le" ? "label_" + name : name
    }

    private static func replacing(_ text: String, colons: Bool) -> String {
        var out: [UInt8] = []
        for byte in text.utf8 {
            switch byte {
            case 0x41...0x5A, 0x61...0x7A, 0x5F: out.append(byte)
            case 0x30...0x39:
                if out.isEmpty { out.append(0x5F) }
                out.append(byte)
            case 0x3A where colons: out.append(byte)
            default: out.append(0x5F)
            }
        }
        return out.isEmpty ? "_" : String(decoding: out, as: UTF8.self)
    }
}
