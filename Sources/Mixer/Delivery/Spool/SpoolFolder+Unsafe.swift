internal import Glibc
internal import Primitives

/// The files of one handler's spool: `segment-…`, `position`, and `lock`, which one process at a time holds.
struct SpoolFolder: ~Copyable {
    let path: String
    private let lock: Int32

    /// A call that failed.
    struct Failure: Error, Equatable, CustomStringConvertible {
        let what: String
        let errno: Int32
        var description: String { "cannot \(self.what): \(String(cString: strerror(self.errno)))" }
        /// Another process, or another handler of this one, has the spool.
        var isInUse: Bool { self.errno == EWOULDBLOCK }
        /// The process has too little of something; later it may have enough.
        var isPassing: Bool { [EMFILE, ENFILE, ENOMEM, EAGAIN].contains(self.errno) }
    }

    /// Makes the folder when it is not there, and takes its lock.
    init(_ path: String) throws(Failure) {
        self.path = path
        var made = path.hasPrefix("/") ? "" : "."
        for part in path.split(separator: "/") {
            made += "/\(part)"
            guard mkdir(made, 0o750) == 0 || errno == EEXIST else {
                throw Failure(what: "make the folder '\(made)'", errno: errno)
            }
        }
        let descriptor = Glibc.open("\(path)/lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o640)
        guard descriptor >= 0 else { throw Failure(what: "open '\(path)/lock'", errno: errno) }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let code = errno
            close(descriptor)
            throw Failure(what: "lock '\(path)/lock'", errno: code)
        }
        self.lock = descriptor
    }

    deinit { close(self.lock) }

    static func segmentName(_ number: UInt64) -> String {
        let digits = String(number)
        return "segment-" + String(repeating: "0", count: max(0, 12 - digits.count)) + digits
    }

    /// The numbers of the segments that are there, ascending, with their sizes.
    func segments() throws(Failure) -> [(number: UInt64, size: Int)] {
        guard let stream = opendir(self.path) else {
            throw Failure(what: "list '\(self.path)'", errno: errno)
        }
        defer { closedir(stream) }
        var found: [(number: UInt64, size: Int)] = []
        while let entry = readdir(stream) {
            // SAFETY: `d_name` ends with a NUL within the entry, which lives until the next readdir.
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            guard name.hasPrefix("segment-"), let number = UInt64(name.dropFirst(8)) else { continue }
            var status = stat()
            guard stat("\(self.path)/\(name)", &status) == 0 else { continue }
            found.append((number, Int(status.st_size)))
        }
        return found.sorted { $0.number < $1.number }
    }

    func create(segment number: UInt64) throws(Failure) -> SpoolFile {
        try SpoolFile("\(self.path)/\(Self.segmentName(number))", O_WRONLY | O_CREAT | O_EXCL)
    }

    func open(segment number: UInt64) throws(Failure) -> SpoolFile {
        try SpoolFile("\(self.path)/\(Self.segmentName(number))", O_RDONLY)
    }

    func remove(segment number: UInt64) {
        // A segment that stays is delivered; it is removed when the spool is opened next.
        _ = unlink("\(self.path)/\(Self.segmentName(number))")
    }

    /// What the position file holds; nil when there is none.
    func readPosition() throws(Failure) -> ByteBuffer? {
        let file: SpoolFile
        do {
            file = try SpoolFile("\(self.path)/position", O_RDONLY)
        } catch {
            if error.errno == ENOENT { return nil }
            throw error
        }
        let buffer = ByteBuffer(capacity: 4096)
        while try file.read(into: buffer, at: buffer.writeIndex, most: 64 * 1024) > 0 {
            // No position is as long as that.
            if buffer.count > 64 * 1024 * 1024 { break }
        }
        return buffer
    }

    /// Puts a new position in the place of the old one.
    func writePosition(_ bytes: ByteView) throws(Failure) {
        let fresh = "\(self.path)/position.new"
        do {
            let file = try SpoolFile(fresh, O_WRONLY | O_CREAT | O_TRUNC)
            try file.write(bytes, at: 0)
        }
        guard rename(fresh, "\(self.path)/position") == 0 else {
            throw Failure(what: "rename '\(fresh)'", errno: errno)
        }
    }
}
