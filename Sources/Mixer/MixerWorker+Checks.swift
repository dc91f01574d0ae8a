internal import Adapting
internal import CPosternABI
internal import Expressions
internal import Filtering
internal import Primitives

extension MixerWorker {
    /// Puts the record of a step together in ``record``: the step's number, then the values.
    func encode(_ step: CheckStep, _ bag: MixerBag) {
        self.record.reset()
        var room = 4096
        while true {
            self.record.reserve(room)
            var writer = RecordWriter(self.record.base, capacity: self.record.capacity)
            writer.append(.int64, bits: step.number)
            step.fields.write(bag, self.evaluator, to: &writer)
            if !writer.overflowed {
                self.record.writeIndex = writer.count
                // The number's type is of no interest: what follows is the record, at 9.
                self.record.readIndex = 1
                return
            }
            room = self.record.capacity * 2
        }
    }

    /// What a request wants of a quota; nothing for other templates.
    func demand(of step: CheckStep, _ bag: MixerBag) -> StepDemand {
        guard let quota = step.instance.quota else { return StepDemand() }
        var demand = QuotaDemand(amount: 1, isBestEffort: quota.isBestEffort)
        if let amount = quota.amount {
            demand.amount = UInt64(clamping: amount.evaluate(bag, with: self.evaluator).asInt ?? 1)
        }
        if let deduplication = quota.deduplication {
            self.key.reset()
            if !deduplication.append(bag, with: self.evaluator, to: self.key).isError {
                demand.deduplicationID = max(self.key.view.mixedHash, 1)
            }
        }
        // The same request must have the same answer: what is kept knows of no requests.
        let isKept = demand.deduplicationID == 0 && !self.unkept.contains(step.number)
        return StepDemand(wanted: demand, prefetch: isKept ? quota.prefetch : 0)
    }

    // MARK: Answers that are still good

    func remembered(_ step: CheckStep, _ demand: StepDemand, now: UInt64) -> StepAnswer? {
        let key = self.record.view
        let hash = key.mixedHash
        switch step.instance.template.variety {
        case .check:
            return self.verdicts.find(key, hash: hash, now: now) { remembered in
                if let uses = remembered.uses {
                    if uses == 0 { return nil }
                    remembered.uses = uses - 1
                }
                return .check(remembered.verdict)
            }
        case .quota:
            if demand.prefetch == 0 { return nil }
            return self.grants.find(key, hash: hash, now: now) { kept in
                guard kept.amount >= demand.wanted.amount else { return nil }
                kept.amount -= demand.wanted.amount
                return .quota(QuotaAllowance(amount: demand.wanted.amount))
            }
        case .attributes:
            return self.attributes.find(key, hash: hash, now: now) { .attributes($0) }
        case .report: return nil
        }
    }

    /// - Returns: The answer for the request at hand: its own part of what was granted.
    func remember(_ answer: StepAnswer, _ step: CheckStep, _ demand: StepDemand, now: UInt64) -> StepAnswer {
        let key = self.record.view
        switch answer {
        case .check(let verdict) where verdict.validNanoseconds > 0 && verdict.validUses != 1:
            let uses = verdict.validUses == 0 ? nil : Optional(verdict.validUses - 1)
            self.verdicts.insert(
                key, hash: key.mixedHash, RememberedVerdict(verdict: verdict, uses: uses),
                until: now.advanced(by: verdict.validNanoseconds))
        case .quota(let grant) where demand.prefetch > 0:
            return .quota(self.share(grant, step, demand, now: now))
        case .attributes(let values):
            self.attributes.insert(
                key, hash: key.mixedHash, values, until: now.advanced(by: Self.attributeLife))
        case .check, .quota, .failed: break
        }
        return answer
    }

    /// Puts what was granted to what is left of grants before, and takes the request's part of it; the rest
    /// is kept. What is too little for the request is kept as well: the handler has counted it already.
    private func share(
        _ grant: QuotaAllowance, _ step: CheckStep, _ demand: StepDemand, now: UInt64
    ) -> QuotaAllowance {
        let wanted = demand.wanted
        guard grant.validNanoseconds > 0 else {
            if grant.amount > wanted.amount { self.unkept.insert(step.number) }
            return grant
        }
        let key = self.record.view
        let hash = key.mixedHash
        let kept = self.grants.find(key, hash: hash, now: now) { $0 }
        let (sum, isOver) = grant.amount.addingReportingOverflow(kept?.amount ?? 0)
        let total = isOver ? .max : sum
        let part = total >= wanted.amount ? wanted.amount : wanted.isBestEffort ? total : 0
        if kept != nil || total > part {
            let end = min(now.advanced(by: grant.validNanoseconds), kept?.end ?? .max)
            self.grants.insert(key, hash: hash, KeptGrant(amount: total - part, end: end), until: end)
        }
        return QuotaAllowance(amount: part)
    }

    /// How long attributes that an adapter made are taken for the same record, in nanoseconds.
    private static var attributeLife: UInt64 { 1_000_000_000 }

    // MARK: What an answer means

    /// - Returns: nil when the request may go on.
    func judge(
        _ answer: StepAnswer, _ step: CheckStep, _ demand: StepDemand, _ bag: MixerBag, allowsOnFailure: Bool
    ) -> CheckDenial? {
        let handler = step.live.handler.name
        switch answer {
        case .check(let verdict):
            return verdict.code == 0
                ? nil : CheckDenial(code: verdict.code, message: verdict.message, handler: handler)
        case .quota(let grant):
            let wanted = demand.wanted
            if grant.amount >= wanted.amount || (wanted.isBestEffort && grant.amount > 0) { return nil }
            return CheckDenial(
                code: 8, message: "quota `\(step.instance.name)` is used up", handler: handler)
        case .attributes(let values):
            self.take(values, step, bag)
            return nil
        case .failed:
            // Attributes that could not be made are absent; a decision that could not be had is the rule's.
            if allowsOnFailure || step.instance.template == .attributes { return nil }
            return CheckDenial(code: 14, message: "a policy could not be asked", handler: handler)
        }
    }

    private func take(_ values: [UInt8], _ step: CheckStep, _ bag: MixerBag) {
        let made = bag.generated ?? GeneratedAttributes()
        values.withByteView { bytes in
            var reader = RecordReader(bytes)
            for index in step.live.handler.outputs.indices {
                guard let value = reader.next() else { return }
                for (binding, output) in step.outputs where output == index {
                    // What expressions were checked for is the attribute's type.
                    guard value.type == binding.type.rawValue || value.type == 0 else { continue }
                    made.set(binding.attribute, Value(value))
                }
            }
        }
        bag.generated = made
    }

    // MARK: Fields

    func apply(_ plan: HeaderPlan, to block: HeaderBlock, _ bag: MixerBag) {
        for change in plan.changes {
            switch change {
            case .remove(let name): _ = name.withByteView { block.removeAll(named: $0) }
            case .set(let name, let value):
                guard let text = self.text(of: value, bag) else { continue }
                _ = name.withByteView { block.set($0, text) }
            case .add(let name, let value):
                guard let text = self.text(of: value, bag) else { continue }
                _ = name.withByteView { block.add($0, text) }
            }
        }
    }

    /// nil when the expression has no value: the field is left as it is.
    private func text(of expression: Expression, _ bag: MixerBag) -> ByteView? {
        self.key.reset()
        return expression.append(bag, with: self.evaluator, to: self.key).isError ? nil : self.key.view
    }

    // MARK: Sampling

    func takes(_ sampling: SamplingPlan, _ bag: MixerBag, now: UInt64) -> Bool {
        if let threshold = sampling.threshold {
            let draw: UInt64
            self.key.reset()
            // Without a value nothing says which requests belong together.
            if let key = sampling.key, !key.append(bag, with: self.evaluator, to: self.key).isError {
                draw = self.key.view.mixedHash >> 32
            } else {
                draw = self.random.next() >> 32
            }
            if draw >= threshold { return false }
        }
        return sampling.limit?.allows(at: now) ?? true
    }
}

extension UInt64 {
    fileprivate func advanced(by other: UInt64) -> UInt64 {
        let (sum, isOver) = self.addingReportingOverflow(other)
        return isOver ? .max : sum
    }
}
