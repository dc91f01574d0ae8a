/// The way from a configuration's root to a value, as problems print it: `routes[0].rules[1].timeout`.
enum ConfigPath {
    /// The way to the member `key` of the value at `parent`; a key that is no plain word is quoted in
    /// brackets.
    static func member(_ parent: String, _ key: String) -> String {
        let isPlain = !key.isEmpty && key.utf8.allSatisfy(Self.isWordByte)
        if !isPlain { return "\(parent)[\(ConfigNode(.string(key)).json())]" }
        return parent.isEmpty ? key : "\(parent).\(key)"
    }

    /// The way to the element `index` of the list at `parent`.
    static func element(_ parent: String, _ index: Int) -> String { "\(parent)[\(index)]" }

    private static func isWordByte(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x5F, 0x2D: true
        default: false
        }
    }
}
