extension Emitter {
    /// Runs what has been emitted so far, from `index` on, without attributes.
    func compute(_ index: Int32, _ evaluator: Evaluator) -> Value {
        // SAFETY: both arrays stay as they are during the closures; the evaluator begins anew with each run
        // and does not use them afterwards.
        self.code.withUnsafeBufferPointer { code in
            self.children.withUnsafeBufferPointer { children in
                guard let start = code.baseAddress else { return .error(.limitExceeded) }
                let childStart = children.baseAddress ?? UnsafePointer(bitPattern: 16).unsafelyUnwrapped
                evaluator.begin(start, childStart, slotCount: 0)
                return evaluator.run(index, AttributeBag())
            }
        }
    }
}
