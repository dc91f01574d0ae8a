/// What a configuration file may be at most, so that reading one always ends, in bounded memory.
enum ConfigLimits {
    /// Bytes of a file.
    static let fileSize = 16 << 20
    /// Lists and objects within one another.
    static let depth = 64
    /// Values in a file, those that aliases repeat included.
    static let nodes = 1_000_000
    /// Values that aliases repeat.
    static let aliasedNodes = 100_000
    /// Bytes of a key.
    static let keyLength = 1024
}
