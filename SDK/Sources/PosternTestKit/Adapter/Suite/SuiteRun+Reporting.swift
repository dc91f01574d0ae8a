internal import PosternSDK

// What an adapter does with records.

extension SuiteRun {
    func takesEveryRecord() throws {
        let handler = try self.handler()
        let records = self.declared(Self.reported).flatMap {
            SuiteRecords(template: $0).odd { self.mark() }
        }
        for record in records { self.deliver([record], to: handler) }
        // Again with other marks, as one batch whose shapes change from record to record.
        let mixed = self.declared(Self.reported).map { SuiteRecords(template: $0).odd { self.mark() } }
        let longest = mixed.map(\.count).max() ?? 0
        let batch = (0..<longest).flatMap { index in
            mixed.compactMap { index < $0.count ? $0[index] : nil }
        }
        if !batch.isEmpty { self.deliver(batch, to: handler, isLast: true) }
        try self.expectArrived()
        self.askWithEveryRecord(handler)
    }

    func takesBatchesOfAnySize() throws {
        guard !self.declared(Self.reported).isEmpty else { return }
        let handler = try self.handler()
        let each = 3000 / self.declared(Self.reported).count
        self.deliver([self.plain()[0]], to: handler)
        self.deliver(self.plain(each), to: handler)
        self.deliver([self.plain()[0]], to: handler)
        self.deliver([], to: handler, isLast: true)
        try self.expectArrived()
    }

    func flushesWithTheLast() throws {
        guard !self.declared(Self.reported).isEmpty else { return }
        do {
            let handler = try self.handler()
            self.deliver(self.plain(3), to: handler)
            self.deliver([], to: handler, isLast: true)
        }
        do {
            let handler = try self.handler()
            self.deliver(self.plain(3), to: handler, isLast: true)
        }
        try self.expectArrived()
    }

    func ticksAndReopensAnyTime() throws {
        let handler = try self.handler()
        handler.tick()
        handler.tick()
        handler.reopen()
        handler.reopen()
        handler.tick()
        guard !self.declared(Self.reported).isEmpty else { return }
        for _ in 0..<3 {
            self.deliver(self.plain(2), to: handler)
            handler.reopen()
            self.deliver(self.plain(2), to: handler)
            handler.tick()
        }
        if let outage = self.suite.backend?.outage {
            let records = self.plain()
            try outage.stop()
            let left = self.undelivered(self.report(records, to: handler), records)
            handler.tick()
            handler.reopen()
            handler.tick()
            try outage.start()
            self.deliver(left, to: handler)
        }
        self.deliver([], to: handler, isLast: true)
        handler.tick()
        handler.reopen()
        try self.expectArrived()
    }

    func outlastsItsBackend() throws {
        guard !self.declared(Self.reported).isEmpty, let backend = self.suite.backend,
            let outage = backend.outage
        else { return }
        try outage.stop()
        // Absent at the start.
        let handler = try self.handler()
        var waiting = self.attempts(self.plain(3), handler)
        if backend.promise.isNoticed, waiting.isEmpty {
            self.find("it takes records while the backend is away")
        }
        try outage.start()
        self.deliver(waiting, to: handler)
        self.deliver(self.plain(3), to: handler)
        try self.expectArrived()
        // Gone in the middle, twice.
        for _ in 0..<2 {
            try outage.stop()
            waiting = self.attempts(self.plain(3), handler)
            try outage.start()
            self.deliver(waiting, to: handler)
        }
        self.deliver(self.plain(3), to: handler, isLast: true)
        try self.expectArrived()
    }

    /// Reports the same records three times, as far as they are not taken.
    private func attempts(_ records: [TestRecord], _ handler: TestHandler) -> [TestRecord] {
        var left = records
        for attempt in 0..<3 where !left.isEmpty {
            left = self.undelivered(self.report(left, to: handler, attempt: attempt), left)
            handler.tick()
        }
        return left
    }

    func sharesNothing() throws {
        let second = try self.handler()
        // Both number their shapes from 0: these two are alike in nothing else.
        let (left, right) = (
            self.plain().map { $0.with("suiteLeft") }, self.plain().map { $0.with("suiteRight") }
        )
        do {
            let first = try self.handler()
            self.compareAnswers(first, second)
            if !left.isEmpty {
                self.deliver(left, to: first)
                self.deliver(right, to: second)
                self.deliver(self.plain().map { $0.with("suiteLeft") }, to: first, isLast: true)
            }
        }
        second.tick()
        if !left.isEmpty {
            self.deliver(self.plain().map { $0.with("suiteRight") }, to: second, isLast: true)
        }
        try self.expectArrived()
        guard let backend = self.suite.backend, backend.promise.isNoticed else { return }
        let marks = right.compactMap(\.mark)
        for text in try backend.arrived()
        where text.contains("suiteLeft") && marks.contains(where: { text.contains($0) }) {
            self.find("a record has the columns of another handler's: \(text.prefix(200))")
        }
    }
}

extension TestRecord {
    /// With one more column, where its template has such.
    fileprivate func with(_ column: String) -> TestRecord {
        guard self.shape.columns.contains("id") else { return self }
        var record = self
        record.shape.columns.append(column)
        record.values.append(.string("there"))
        return record
    }
}
