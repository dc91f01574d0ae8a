internal import PluginSupport
internal import PosternSDK

/// Which file, and when another begins.
struct RotationPlan: Sendable {
    let path: String
    /// Bytes; nil: never for its size.
    let size: Int?
    /// Seconds; nil: never for its age.
    let period: Int64?
    /// How many old ones stay.
    let keep: Int
    /// Permissions of a new one.
    let mode: UInt32

    init(_ config: File.Config) throws(ConfigProblem) {
        guard config.path.hasPrefix("/"), !config.path.hasSuffix("/"), !config.path.utf8.contains(0) else {
            throw ConfigProblem("/path", "must be an absolute path of a file, got '\(config.path)'")
        }
        self.path = config.path
        if let size = config.rotateSize, size.bytes < 1024 {
            throw ConfigProblem("/rotateSize", "must be at least 1KiB, got \(size)")
        }
        self.size = config.rotateSize?.bytes
        self.period =
            try config.rotateEvery.map { text throws(ConfigProblem) in
                try Duration(
                    configText: text, default: .zero, in: .seconds(60)...(.seconds(366 * 86_400)),
                    at: "/rotateEvery"
                ).components.seconds
            }
        self.keep = config.keep ?? 5
        guard (1...1000).contains(self.keep) else {
            throw ConfigProblem("/keep", "must be 1...1000, got \(self.keep)")
        }
        let mode = config.mode ?? "0640"
        guard let number = UInt32(mode, radix: 8), (3...4).contains(mode.count), number & 0o200 != 0 else {
            throw ConfigProblem("/mode", "must be permissions like 0640 with those of the owner to write")
        }
        self.mode = number
    }

    /// Old ones are numbered, the youngest with 1.
    func path(_ number: Int) -> String { number == 0 ? self.path : "\(self.path).\(number)" }
}
