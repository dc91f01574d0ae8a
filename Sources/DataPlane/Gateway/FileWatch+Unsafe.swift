internal import CLinux
internal import Glibc
internal import Primitives
internal import Reactor

/// Tells when one of some files, or something in one of some folders, is replaced.
///
/// Watches the folders that hold them, because editors and deployments rename a new file over the old one; a
/// file counts as changed when it is closed after writing, renamed or linked into place, or removed. Changes
/// within 50 ms are told once.
final class FileWatch: EventHandler {
    /// Nanoseconds.
    private static let quietTime: UInt64 = 50_000_000

    private let loop: EventLoop
    private let descriptor: Int32
    private let changed: () -> Void
    /// By the kernel's number, every spelling under which a folder is asked for: it numbers folders, not
    /// paths.
    private var folders: [Int32: Set<String>] = [:]
    private var paths: Set<String> = []
    private lazy var timer = DeadlineTimer(owner: self)

    init(_ loop: EventLoop, _ changed: @escaping () -> Void) throws {
        self.loop = loop
        self.descriptor = inotify_init1(Int32(IN_CLOEXEC) | Int32(IN_NONBLOCK))
        self.changed = changed
        super.init()
        if self.descriptor < 0 { throw SocketError(operation: "inotify_init1", code: errno) }
        try loop.register(self.descriptor, self)
    }

    deinit { if self.descriptor >= 0 { close(self.descriptor) } }

    /// Watches `paths`, files or folders, and nothing else from now on.
    ///
    /// - Returns: Folders that cannot be watched, with the reason.
    func watch(_ paths: Set<String>) -> [String] {
        // `policies/` is `policies`: both it and the folder that holds it count.
        let paths = Set(paths.map { $0.count > 1 && $0.hasSuffix("/") ? String($0.dropLast()) : $0 })
        self.paths = paths
        var wanted: Set<String> = []
        for path in paths {
            wanted.insert(Self.folder(of: path))
            if Self.isFolder(path) { wanted.insert(path) }
        }
        let events = UInt32(IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE | IN_CREATE)
        var failures: [String] = []
        var watched: [Int32: Set<String>] = [:]
        // All of them, every time: the same path may lead to another folder by now.
        for folder in wanted {
            let watch = inotify_add_watch(self.descriptor, folder, events)
            if watch >= 0 {
                watched[watch, default: []].insert(folder)
            } else {
                failures.append("\(folder): \(String(cString: strerror(errno)))")
            }
        }
        for watch in self.folders.keys where watched[watch] == nil {
            inotify_rm_watch(self.descriptor, watch)
        }
        self.folders = watched
        return failures
    }

    override func ready(_ events: ReadyEvents) {
        // SAFETY: the kernel writes whole events of a fixed header and `len` bytes of name; each is read
        // within what `read` said it wrote, and the buffer lives until the closure returns.
        withUnsafeTemporaryAllocation(byteCount: 16 * 1024, alignment: 8) { buffer in
            while true {
                let count = read(self.descriptor, buffer.baseAddress, buffer.count)
                guard count > 0 else { return }
                var at = 0
                while at + MemoryLayout<inotify_event>.size <= count {
                    let event = buffer.loadUnaligned(fromByteOffset: at, as: inotify_event.self)
                    let start = at + MemoryLayout<inotify_event>.size
                    let name = buffer[start..<start + Int(event.len)].prefix { $0 != 0 }
                    self.happened(event.wd, event.mask, String(decoding: name, as: UTF8.self))
                    at = start + Int(event.len)
                }
            }
        }
    }

    private func happened(_ watch: Int32, _ mask: UInt32, _ name: String) {
        // `..data` is the link that Kubernetes replaces when a mounted configuration changes.
        let isMeant = (self.folders[watch] ?? []).contains { folder in
            // A file that is only created has no content yet: its writer closes it later.
            if mask & UInt32(IN_CREATE) != 0, Self.isRegularFile("\(folder)/\(name)") { return false }
            return self.paths.contains(folder) || self.paths.contains("\(folder)/\(name)")
                || (folder == "." && self.paths.contains(name)) || name == "..data"
        }
        if isMeant {
            self.loop.timers.set(self.timer, at: self.loop.now.advanced(byNanoseconds: Self.quietTime))
        }
    }

    override func timerFired(_ timer: DeadlineTimer) { self.changed() }

    private static func folder(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    /// Links and folders are none.
    private static func isRegularFile(_ path: String) -> Bool {
        var status = stat()
        return lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
    }

    private static func isFolder(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }
}
