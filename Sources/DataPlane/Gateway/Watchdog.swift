internal import Primitives
internal import Reactor
internal import Telemetry

/// Notices a worker whose loop does not turn, and says which filter keeps it.
///
/// Looks from the control thread once a second; a worker pays two relaxed stores a turn. A stalled worker
/// serves none of its connections, and nothing can be done for it but to say so: its thread runs on.
final class Watchdog {
    /// How long a turn may take.
    static let patience: UInt64 = 1_000_000_000

    private let loop: EventLoop
    private let log: Log
    /// By worker, the beginning of the turn that was reported; 0 when all is well.
    private var reported: [UInt64]
    private var timer: RepeatingTimer?

    init(_ workers: [Worker], loop: EventLoop, log: Log) {
        self.loop = loop
        self.log = log
        self.reported = Array(repeating: 0, count: workers.count)
        self.timer = RepeatingTimer(loop, every: .seconds(1)) { [unowned self] in
            for (index, worker) in workers.enumerated() { self.look(at: worker, index) }
        }
    }

    private func look(at worker: Worker, _ index: Int) {
        let turn = worker.loop.turnBegan
        if self.reported[index] != 0, turn != self.reported[index] {
            self.reported[index] = 0
            self.log.write(.warning, "worker", "goes on", ["worker": "\(index)"])
        }
        let now = self.loop.now.nanoseconds
        guard turn != 0, now > turn, now - turn > Self.patience, self.reported[index] == 0 else { return }
        self.reported[index] = turn
        let message = "busy for more than \(Self.patience / 1_000_000_000) s: its connections wait"
        guard let active = worker.activity.present else {
            return self.log.write(.error, "worker", message, ["worker": "\(index)"])
        }
        self.log.write(
            .error, "worker", message,
            [
                "worker": "\(index)", "filter": "\(active.filter)", "phase": "\(active.phase)",
                "stream": "\(active.stream)",
            ])
    }
}
