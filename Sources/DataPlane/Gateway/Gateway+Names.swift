internal import Primitives
internal import Reactor
internal import Telemetry
internal import Upstreams

// Names are resolved on the control thread, for all workers.

extension Gateway {
    /// How long after its start a gateway that waits for names is not ready.
    private static let patience = Duration.seconds(5)

    func makeNames() -> NameDirectory {
        NameDirectory(self.loop, log: self.log, registry: self.telemetry.registry) {
            [unowned self] service, endpoints in
            for worker in self.workers {
                worker.loop.mailbox.send { worker.update(service, endpoints) }
            }
        }
    }

    /// Whether every name of the first configuration was looked up once, or has had its time; what a reload
    /// adds does not make a gateway unready that was ready.
    var namesAreSettled: Bool {
        if !self.hasSettled {
            let isOver = MonotonicTime.now().since(self.started) >= Self.patience.nanoseconds
            self.hasSettled = isOver || self.names.isSettled
        }
        return self.hasSettled
    }

    /// Looks names up again when a file that decides about them changes.
    func watchNames() {
        let files = self.names.files
        if files.isEmpty, self.nameFiles == nil { return }
        do {
            let watch =
                try self.nameFiles ?? FileWatch(self.loop) { [unowned self] in self.names.lookUpAgain() }
            self.nameFiles = watch
            for failure in watch.watch(files) {
                self.log.write(.warning, "dns", "cannot watch for changes: \(failure)")
            }
        } catch {
            self.log.write(.warning, "dns", "cannot watch for changes: \(error)")
        }
    }
}
