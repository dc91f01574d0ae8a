internal import Glibc
internal import PluginSupport
internal import PosternSDK

/// A file that lines are appended to, until it is large or old enough.
///
/// Ages are counted in periods since 1970, so that they go on over restarts: a file begins anew when its last
/// line was written in an earlier period.
struct RotatingFile {
    private let plan: RotationPlan
    private var open: LineOutput?

    init(_ plan: RotationPlan) { self.plan = plan }

    /// Lets go of it: it was moved away.
    mutating func close() { self.open = nil }

    /// The file to write `count` bytes to.
    ///
    /// - Parameter now: Seconds since 1970.
    /// - Throws: ``WriteFailure``
    mutating func output(for count: Int, now: Int64 = Int64(time(nil)), log: Log) throws(WriteFailure)
        -> LineOutput
    {
        // Another generation of this handler may have rotated it, or somebody may have moved it away.
        if let open = self.open, !self.isAtPath(open) { self.open = nil }
        if self.isDue(count, now) {
            self.open = nil
            self.shift(log)
        }
        if let open = self.open { return open }
        guard let made = LineOutput(appendingTo: self.plan.path, mode: self.plan.mode) else {
            throw WriteFailure(
                description: "cannot open \(self.plan.path): \(String(cString: strerror(errno)))")
        }
        self.open = made
        return made
    }

    private func isAtPath(_ open: LineOutput) -> Bool {
        var facts = stat()
        let own = open.facts
        return stat(self.plan.path, &facts) == 0 && own.inode == UInt64(facts.st_ino)
            && own.device == UInt64(facts.st_dev)
    }

    private func isDue(_ count: Int, _ now: Int64) -> Bool {
        guard self.plan.size != nil || self.plan.period != nil else { return false }
        guard let facts = FileFacts(path: self.plan.path), facts.size > 0 else { return false }
        if let size = self.plan.size, facts.size + count > size { return true }
        if let period = self.plan.period, facts.modified / period < now / period { return true }
        return false
    }

    /// Every file gets the next number; the last goes.
    private func shift(_ log: Log) {
        for number in stride(from: self.plan.keep - 1, through: 0, by: -1) {
            let (from, to) = (self.plan.path(number), self.plan.path(number + 1))
            if rename(from, to) != 0, errno != ENOENT {
                log(.error, "cannot rename \(from) to \(to): \(String(cString: strerror(errno)))")
            }
        }
    }
}
