internal import CPosternABI
internal import Glibc

// Texts that a plugin hands to its host for a while: "until the thread's next call of the handler".

/// What one thread has lent; each slot is overwritten by the next text.
private final class LentTexts {
    private var slots: [UnsafeMutableBufferPointer<UInt8>] = []

    deinit { for slot in self.slots { slot.deallocate() } }

    func lend(_ bytes: [UInt8], slot: Int) -> postern_bytes {
        while self.slots.count <= slot { self.slots.append(.allocate(capacity: 0)) }
        if self.slots[slot].count < bytes.count {
            self.slots[slot].deallocate()
            self.slots[slot] = .allocate(capacity: bytes.count)
        }
        _ = self.slots[slot].update(fromContentsOf: bytes)
        return postern_bytes(ptr: UnsafePointer(self.slots[slot].baseAddress), len: bytes.count)
    }
}

/// Where a thread finds its texts; released when the thread ends.
private let key: pthread_key_t = {
    var key = pthread_key_t()
    pthread_key_create(&key) { texts in
        // SAFETY: `lend` below is what stores a value, retained.
        if let texts { Unmanaged<LentTexts>.fromOpaque(texts).release() }
    }
    return key
}()

/// A copy of `bytes` that lives until this thread lends another under the same number.
func lend(_ bytes: [UInt8], slot: Int = 0) -> postern_bytes {
    let texts: LentTexts
    if let known = pthread_getspecific(key) {
        texts = Unmanaged<LentTexts>.fromOpaque(known).takeUnretainedValue()
    } else {
        texts = LentTexts()
        pthread_setspecific(key, Unmanaged.passRetained(texts).toOpaque())
    }
    return texts.lend(bytes, slot: slot)
}
