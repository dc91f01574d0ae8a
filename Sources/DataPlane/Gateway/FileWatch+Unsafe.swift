internal import CLinux
internal import Glibc
internal import Primitives
internal import Reactor

/// Tells when one of some files, or something in one of some folders, is replaced.
///
/// Watches the folders that hold them, because editors and deployments rename a new file over the old one; a
/// file counts as changed when it is closed after writing, renamed into place, or removed, and when a link or
/// folder on the way to it is another (``WatchedNames``). Changes within 50 ms are told once.
final class FileWatch: EventHandler {
    /// Nanoseconds.
    private static let quietTime: UInt64 = 50_000_000
    private static let events = UInt32(
        IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE | IN_CREATE | IN_DELETE_SELF | IN_MOVE_SELF
    )

    /// What counts in one watched folder.
    private struct Interest {
        /// One of the paths that it is known by.
        let folder: String
        var names: Set<String> = []
        var isWhole = false
    }

    private let loop: EventLoop
    private let descriptor: Int32
    private let changed: () -> Void
    /// By the kernel's number; one folder may be known by several paths.
    private var interests: [Int32: Interest] = [:]
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

    /// Watches `paths`, files or folders, and nothing else from now on. They need not exist.
    ///
    /// - Returns: Folders that cannot be watched, with the reason.
    func watch(_ paths: Set<String>) -> [String] {
        self.paths = paths
        let wanted = WatchedNames(paths)
        var interests: [Int32: Interest] = [:]
        var failures: [String] = []
        for folder in wanted.folders {
            // For a folder that is watched already the kernel gives the same number again.
            let watch = inotify_add_watch(self.descriptor, folder, Self.events)
            guard watch >= 0 else {
                failures.append("\(folder): \(String(cString: strerror(errno)))")
                continue
            }
            interests[watch, default: Interest(folder: folder)].names.formUnion(wanted.names[folder] ?? [])
            if wanted.whole.contains(folder) { interests[watch]?.isWhole = true }
        }
        for watch in self.interests.keys where interests[watch] == nil {
            inotify_rm_watch(self.descriptor, watch)
        }
        self.interests = interests
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
                    if self.isMeant(event, String(decoding: name, as: UTF8.self)) { self.tellSoon() }
                    at = start + Int(event.len)
                }
            }
        }
    }

    private func isMeant(_ event: inotify_event, _ name: String) -> Bool {
        // Events were lost: any of them may have been ours.
        if event.mask & UInt32(IN_Q_OVERFLOW) != 0 { return true }
        guard let interest = self.interests[event.wd] else { return false }
        // The folder itself has gone or moved: what stands at its path is another, or nothing.
        if event.mask & UInt32(IN_DELETE_SELF | IN_MOVE_SELF | IN_IGNORED) != 0 { return true }
        guard interest.isWhole || interest.names.contains(name) else { return false }
        // A file that was created is still to be written.
        return event.mask & UInt32(IN_CREATE) == 0 || event.mask & UInt32(IN_ISDIR) != 0
            || Self.isLink("\(interest.folder)/\(name)")
    }

    private static func isLink(_ path: String) -> Bool {
        var status = stat()
        return lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFLNK
    }

    private func tellSoon() {
        self.loop.timers.set(self.timer, at: self.loop.now.advanced(byNanoseconds: Self.quietTime))
    }

    override func timerFired(_ timer: DeadlineTimer) {
        // Links may lead elsewhere now, and folders may have come or gone.
        _ = self.watch(self.paths)
        self.changed()
    }
}
