internal import Glibc

/// Files as bytes, and a folder that only this user can read or write.
enum PrivateFiles {
    /// The most bytes of a plugin file; a Swift plugin with a static runtime has about 9 MB.
    static let largestFile = 256 << 20

    /// - Throws: The system's words.
    static func read(_ path: String) throws(SystemError) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw SystemError("cannot be opened") }
        defer { close(descriptor) }
        var facts = stat()
        guard fstat(descriptor, &facts) == 0 else { throw SystemError("cannot be read") }
        guard facts.st_mode & S_IFMT == S_IFREG else { throw SystemError(text: "is no regular file") }
        guard facts.st_size <= Self.largestFile else { throw SystemError(text: "is larger than 256 MiB") }
        var bytes: [UInt8] = []
        let room = Int(facts.st_size) + 1
        var failure: SystemError?
        repeat {
            let before = bytes.count
            let chunk = [UInt8](unsafeUninitializedCapacity: room) { buffer, count in
                // SAFETY: `read` writes at most the buffer's size and says how much.
                let got = Glibc.read(descriptor, buffer.baseAddress, room)
                if got < 0 { failure = SystemError("cannot be read") }
                count = max(got, 0)
            }
            bytes += chunk
            if bytes.count == before { break }
        } while failure == nil && bytes.count <= Self.largestFile
        if let failure { throw failure }
        return bytes
    }

    /// Writes a file that was not there, readable by this user alone.
    static func create(_ path: String, _ bytes: [UInt8]) throws(SystemError) {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o500)
        guard descriptor >= 0 else { throw SystemError("cannot be created") }
        defer { close(descriptor) }
        var written = 0
        while written < bytes.count {
            // SAFETY: `written < count`, so the pointer stays within the array.
            let count = bytes.withUnsafeBytes {
                write(descriptor, $0.baseAddress.map { $0 + written }, $0.count - written)
            }
            guard count > 0 else {
                let failure = SystemError("cannot be written")
                unlink(path)
                throw failure
            }
            written += count
        }
    }

    /// A new folder that only this user can enter, in `parent`.
    static func makeFolder(in parent: String) throws(SystemError) -> String {
        var template = Array("\(parent)/postern-plugins-XXXXXX".utf8CString)
        let made = template.withUnsafeMutableBufferPointer { $0.baseAddress.flatMap { mkdtemp($0) } != nil }
        guard made else { throw SystemError("no private folder can be made in \(parent)") }
        return String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }
}

/// What the system refused, and why.
struct SystemError: Error, Sendable, CustomStringConvertible {
    let description: String

    init(text: String) { self.description = text }

    /// `what`, with the reason from `errno`.
    init(_ what: String, _ code: Int32 = errno) {
        let reason = strerror(code).map { String(cString: $0) } ?? "error \(code)"
        self.description = "\(what): \(reason)"
    }
}
