internal import CCrypt
internal import PosternSDK

/// A hash of a password as crypt(3) writes it: method, cost, salt and hash in one text.
struct PasswordHash: Sendable {
    /// With a NUL behind it, for libcrypt.
    private let text: [CChar]

    /// Prefixes of methods that are slow on purpose, and how long the text behind the last `$` is.
    private static let methods = [
        ("$2a$", 53), ("$2b$", 53), ("$2y$", 53), ("$y$", 43), ("$gy$", 43), ("$7$", 43), ("$6$", 86),
    ]

    /// - Throws: ``ConfigProblem`` that says what is allowed, and never the hash.
    init(_ hash: String, at pointer: String, line: String = "") throws(ConfigProblem) {
        let last = hash.split(separator: "$", omittingEmptySubsequences: false).last ?? ""
        let text = hash.utf8.map { CChar(bitPattern: $0) } + [0]
        guard
            let method = Self.methods.first(where: { hash.hasPrefix($0.0) }),
            last.utf8.count == method.1, !hash.utf8.contains(0), postern_crypt_is_strong(text) == 1
        else {
            let hint =
                hash.hasPrefix("$apr1$") || hash.hasPrefix("$1$")
                ? "MD5 is too weak; " : hash.hasPrefix("$") ? "" : "a password itself is none; "
            throw ConfigProblem(
                pointer,
                "\(line)must be a hash of crypt(3), bcrypt ($2y$), yescrypt ($y$) or SHA-512 ($6$): "
                    + "\(hint)make one with 'mkpasswd -m yescrypt' or 'htpasswd -nB NAME'")
        }
        self.text = text
    }

    /// Whether it is that of `password`, without stopping at the first difference.
    ///
    /// Blocks: about a tenth of a second, as the hash's cost says.
    func matches(_ password: [UInt8]) -> Bool {
        // libcrypt would take what stands before a NUL for the whole password.
        if password.contains(0) { return false }
        var made = [CChar](repeating: 0, count: 512)
        let phrase = password.map { CChar(bitPattern: $0) } + [0]
        guard postern_crypt(phrase, self.text, &made, made.count) == 0 else { return false }
        var difference: CChar = 0
        for index in self.text.indices { difference |= self.text[index] ^ made[index] }
        return difference == 0
    }
}
