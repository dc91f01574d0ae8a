internal import Filtering
internal import Primitives

/// Where a machine's log lines go.
///
/// Reports of failures are thinned out, since a broken script fails with every request: one line a second,
/// which says how many were left out.
final class LuaLog {
    /// Nanoseconds between two reports.
    static let pause: UInt64 = 1_000_000_000

    private let host: FilterHost?
    private let filter: String
    private var quietUntil = MonotonicTime(nanoseconds: 0)
    private var leftOut = 0

    /// - Parameter host: nil drops everything.
    init(host: FilterHost?, filter: String) {
        self.host = host
        self.filter = filter
    }

    /// A line that the script asked for.
    func write(_ level: FilterLogLevel, _ text: ByteView) {
        guard let host = self.host, host.isLogged(level) else { return }
        host.log(level, filter: self.filter, text.string)
    }

    /// A line of Postern's own about the script.
    func notify(_ message: String) { self.host?.log(.warning, filter: self.filter, message) }

    /// A failed call.
    func report(_ message: String, now: MonotonicTime) {
        guard let host = self.host else { return }
        guard now >= self.quietUntil else {
            self.leftOut += 1
            return
        }
        let more = self.leftOut > 0 ? " (\(self.leftOut) more failures since the last report)" : ""
        host.log(.error, filter: self.filter, message + more)
        self.quietUntil = now.advanced(byNanoseconds: Self.pause)
        self.leftOut = 0
    }
}
