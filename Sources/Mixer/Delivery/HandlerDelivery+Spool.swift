internal import Adapting
internal import Primitives
internal import Synchronization
internal import Telemetry

// The part of a handler's thread that has to do with its spool.

extension HandlerDelivery {
    /// How often a spool that another process has is tried again, in nanoseconds.
    private static let openingInterval: UInt64 = 1_000_000_000
    /// Of one that was handed over: whoever wrote into it last may hold it a moment longer.
    private static let handOverInterval: UInt64 = 10_000_000
    private static let handOverTries = 100

    /// Opens the spool. While it cannot be opened, memory takes its place.
    ///
    /// - Parameter isHandedOver: It is another handler's of this process, not one that is found.
    func openSpool(_ work: inout sending DeliveryWork, isHandedOver: Bool = false) {
        let spool: Spool
        do {
            spool = try Spool(
                "\(self.options.spoolPath)/\(Self.folder(self.name))", limit: self.options.spoolLimit)
        } catch {
            if isHandedOver, error.isInUse, work.openings < Self.handOverTries {
                work.openings += 1
                work.nextOpening = self.clock().advanced(byNanoseconds: Self.handOverInterval)
                self.isSpoolFree.store(true, ordering: .releasing)
                return
            }
            work.awaitsSpool = false
            work.nextOpening = self.clock().advanced(byNanoseconds: Self.openingInterval)
            self.log.write(
                .warning, "mixer", "cannot open a spool: records wait in memory until it can be opened",
                ["handler": LogValue(self.name), "reason": LogValue("\(error)")])
            return
        }
        work.nextOpening = MonotonicTime(nanoseconds: .max)
        work.awaitsSpool = false
        let batch = work.batch
        spool.restore(to: batch) { self.define($0, for: batch) }
        let waiting = self.queue.withLock { state in
            let waiting = spool.unread
            if !state.isClosed {
                self.moveMemory(of: state, into: spool)
                state.spool = spool
            }
            return waiting
        }
        guard waiting > 0, !isHandedOver else { return }
        self.log.write(
            .info, "mixer", "a spool has records of an earlier process",
            ["handler": LogValue(self.name), "records": LogValue(waiting)])
    }

    /// The name of a handler's folder: its own, but for what no folder should have in its name.
    static func folder(_ name: String) -> String {
        var folder = ""
        for byte in name.utf8 {
            let isPlain = byte | 0x20 &- 0x61 < 26 || byte &- 0x30 < 10 || byte == 0x2D || byte == 0x5F
            if isPlain {
                folder.unicodeScalars.append(Unicode.Scalar(byte))
            } else {
                folder += "%" + String(byte, radix: 16)
            }
        }
        return folder
    }

    func fill(_ batch: DeliveryBatch, from spool: Spool) {
        let lost = spool.move(to: batch) { self.define($0, for: batch) }
        if let (reason, records) = lost {
            self.metrics.countLost(reason, records)
            // Else the next process would count them again.
            if batch.isEmpty { spool.commit(batch) }
            self.log.write(
                .error, "mixer", "records of a spool cannot be read",
                [
                    "handler": LogValue(self.name), "records": LogValue(records),
                    "reason": LogValue(reason.rawValue),
                ])
        }
        if let problem = spool.takeProblem() {
            self.log.write(
                .error, "mixer", "a spool has a problem",
                ["handler": LogValue(self.name), "reason": LogValue(problem)])
        }
    }

    /// The handler's number of a shape that was read from files.
    private func define(_ shape: RecordShape, for batch: DeliveryBatch) -> UInt32 {
        self.queue.withLock { state in
            let number = state.number(of: shape)
            batch.shapes = state.shapes
            return number
        }
    }
}
