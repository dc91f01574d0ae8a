internal import CLinux
internal import Glibc
internal import Primitives
internal import Reactor

/// Tells when one of some files, or something in one of some folders, is replaced.
///
/// Watches the folders that hold them, because editors and deployments rename a new file over the old one; a
/// file counts as changed when it is closed after writing, renamed into place, or removed. Changes within 50
/// ms are told once.
final class FileWatch: EventHandler {
    /// Nanoseconds.
    private static let quietTime: UInt64 = 50_000_000

    private let loop: EventLoop
    private let descriptor: Int32
    private let changed: () -> Void
    private var folders: [Int32: String] = [:]
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
        self.paths = paths
        var wanted: Set<String> = []
        for path in paths {
            wanted.insert(Self.folder(of: path))
            if Self.isFolder(path) { wanted.insert(path) }
        }
        for (watch, folder) in self.folders where !wanted.contains(folder) {
            inotify_rm_watch(self.descriptor, watch)
            self.folders[watch] = nil
        }
        let events = UInt32(IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE)
        var failures: [String] = []
        for folder in wanted where !self.folders.values.contains(folder) {
            let watch = inotify_add_watch(self.descriptor, folder, events)
            if watch >= 0 {
                self.folders[watch] = folder
            } else {
                failures.append("\(folder): \(String(cString: strerror(errno)))")
            }
        }
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
                    self.happened(event.wd, String(decoding: name, as: UTF8.self))
                    at = start + Int(event.len)
                }
            }
        }
    }

    private func happened(_ watch: Int32, _ name: String) {
        guard let folder = self.folders[watch] else { return }
        // `..data` is the link that Kubernetes replaces when a mounted configuration changes.
        let isMeant =
            self.paths.contains(folder) || self.paths.contains("\(folder)/\(name)")
            || (folder == "." && self.paths.contains(name)) || name == "..data"
        if isMeant {
            self.loop.timers.set(self.timer, at: self.loop.now.advanced(byNanoseconds: Self.quietTime))
        }
    }

    override func timerFired(_ timer: DeadlineTimer) { self.changed() }

    private static func folder(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    private static func isFolder(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }
}
