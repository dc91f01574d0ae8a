public import PosternSDK

/// Fields that a configuration adds to each request, such as a token, in the order of their names.
///
/// - Throws: ``ConfigProblem`` below `pointer` for a name that is not in small letters, or a value of several
///   lines; never with the value, which may be a secret.
public func requestFields(
    _ fields: [String: String], at pointer: String
) throws(ConfigProblem) -> [(name: String, value: String)] {
    func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x61...0x7A, 0x30...0x39, 0x2D, 0x5F, 0x2E: true
        default: false
        }
    }
    let sorted = fields.sorted { $0.key < $1.key }.map { (name: $0.key, value: $0.value) }
    for field in sorted {
        guard !field.name.isEmpty, field.name.utf8.allSatisfy(isNameByte),
            field.value.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F })
        else {
            throw ConfigProblem(
                "\(pointer)/\(field.name)", "must have a name in small letters, and a value in one line")
        }
    }
    return sorted
}
