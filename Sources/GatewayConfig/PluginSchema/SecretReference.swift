/// `{ file: PATH }` or `{ env: NAME }`: where a secret is to be found.
enum SecretReference {
    case file(String)
    case env(String)

    /// Why there is no secret.
    struct Failure: Error {
        var problem: ConfigProblem
    }

    /// The most bytes of a file: lists of addresses and of users come this way, too.
    private static let limit = 1 << 20

    /// - Returns: nil when the value is not exactly such an object.
    init?(_ node: ConfigNode) {
        let members = node.members
        guard members.count == 1, let member = members.first, case .string(let text) = member.value.value,
            !text.isEmpty
        else { return nil }
        switch member.key {
        case "file": self = .file(text)
        case "env": self = .env(text)
        default: return nil
        }
    }

    /// The secret itself: the literal, or what is found; a file's last line ending is not part of it.
    static func resolve(
        _ node: ConfigNode, directory: String, environment: (String) -> String?
    ) -> Result<Secret, Failure> {
        func failure(_ message: String) -> Result<Secret, Failure> {
            .failure(Failure(problem: ConfigProblem(node.location, message)))
        }
        if case .string(let literal) = node.value { return .success(Secret(literal)) }
        if case .secret(let secret) = node.value { return .success(secret) }
        switch SecretReference(node) {
        case .env(let name):
            guard let value = environment(name) else {
                return failure("the environment variable `\(name)` is not set")
            }
            return .success(Secret(value))
        case .file(let path):
            switch FileContents.read(ConfigPaths.resolve(path, in: directory), limit: Self.limit) {
            case .failure(let error): return failure(error.reason)
            case .success(let bytes):
                guard let text = String(validating: bytes, as: UTF8.self), !bytes.contains(0) else {
                    return failure("\(path): the secret must be UTF-8 without NUL")
                }
                return .success(Secret(Self.withoutLineEnding(text)))
            }
        case nil: return failure("must be a string, `{ file: PATH }` or `{ env: NAME }`, got \(node.kind)")
        }
    }

    private static func withoutLineEnding(_ text: String) -> String {
        guard let last = text.last, last == "\n" || last == "\r\n" else { return text }
        return String(text.dropLast())
    }
}
