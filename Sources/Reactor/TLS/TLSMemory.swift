internal import COpenSSL

/// OpenSSL's memory (docs/decisions/0150-openssls-memory-by-thread.md).
public enum TLSMemory {
    /// Has OpenSSL take its memory from lists of each thread, in the whole process, for good.
    ///
    /// To be called before anything has used OpenSSL; too late, and under sanitizers, it changes nothing.
    public static func takeOver() { _ = postern_memory_use() }
}
