internal import CLinux
internal import Filtering
internal import Primitives

/// A filter's name that lives as long as the process, for whoever cannot ask for one: a signal handler.
struct FilterLabel {
    // SAFETY: allocated once for each name and never freed; immutable.
    let text: UnsafePointer<CChar>

    private struct Known: @unchecked Sendable { var labels: [String: FilterLabel] = [:] }
    private static let known = Lock(Known())

    /// The label of `name`, the same for every place. Locks, and allocates for a name that is new.
    init(_ name: String) {
        self = Self.known.withLock { known in
            if let label = known.labels[name] { return label }
            let bytes = name.utf8CString
            let copy = UnsafeMutableBufferPointer<CChar>.allocate(capacity: bytes.count)
            _ = copy.initialize(from: bytes)
            let label = FilterLabel(text: UnsafePointer(copy.baseAddress.unsafelyUnwrapped))
            known.labels[name] = label
            return label
        }
    }

    private init(text: UnsafePointer<CChar>) { self.text = text }

    var name: String { String(cString: self.text) }
}

/// What a worker's filter is doing, as the watchdog and the crash report read it.
struct WorkerActivity: @unchecked Sendable {
    // SAFETY: never freed; written by the worker's thread alone and read with relaxed loads.
    private let memory: UnsafeMutablePointer<postern_activity>

    init() {
        self.memory = .allocate(capacity: 1)
        self.memory.initialize(to: postern_activity())
    }

    /// Four plain stores.
    @inline(__always)
    func enter(_ label: FilterLabel, _ phase: FilterPhase, _ exchange: Exchange) {
        postern_activity_enter(
            self.memory, label.text, UInt32(phase.rawValue), exchange.id.rawValue,
            Unmanaged.passUnretained(exchange).toOpaque())
    }

    /// As ``enter(_:_:_:)``, for a connection without requests.
    func enter(_ label: FilterLabel, _ phase: FilterPhase, stream: UInt64) {
        postern_activity_enter(self.memory, label.text, UInt32(phase.rawValue), stream, nil)
    }

    @inline(__always)
    func leave() { postern_activity_leave(self.memory) }

    /// From any thread: the filter that is being called; nil when there is none.
    var present: (filter: String, phase: StaticString, stream: UInt64)? {
        let now = postern_activity_read(self.memory)
        guard let filter = now.filter, let phase = FilterPhase(rawValue: UInt8(clamping: now.phase)) else {
            return nil
        }
        return (String(cString: filter), phase.name, now.stream)
    }

    /// Makes this the activity of the calling thread, for a crash report.
    func adopt() { postern_adopt_activity(self.memory) }

    /// Crashes of this process name the filter, its phase and the request.
    static func reportCrashes() {
        postern_report_crashes { exchange, out, size in
            guard let exchange, let out else { return 0 }
            // SAFETY: the thread that crashed was within a call for this exchange, which its worker keeps.
            return Unmanaged<Exchange>.fromOpaque(exchange)._withUnsafeGuaranteedRef { exchange in
                guard let id = exchange.request.first(.xRequestID) else { return 0 }
                let count = min(id.count, size)
                for index in 0..<count { out[index] = id[index] }
                return count
            }
        }
    }
}
