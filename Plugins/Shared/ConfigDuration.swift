public import PosternSDK

extension Duration {
    /// A duration of a configuration, or its default.
    ///
    /// - Throws: ``ConfigProblem`` at `pointer` that says what is allowed.
    public init(
        configText text: String?, default standard: Duration, in range: ClosedRange<Duration>,
        at pointer: String
    ) throws(ConfigProblem) {
        guard let text else {
            self = standard
            return
        }
        guard let duration = Duration(configText: text), range.contains(duration) else {
            throw ConfigProblem(
                pointer,
                "must be a duration from \(range.lowerBound.configText) to \(range.upperBound.configText), "
                    + "got '\(text)'")
        }
        self = duration
    }

    /// As configurations spell it.
    public var configText: String {
        let nanoseconds =
            self.components.seconds * 1_000_000_000 + self.components.attoseconds / 1_000_000_000
        for (unit, scale) in [("h", Int64(3_600_000_000_000)), ("m", 60_000_000_000), ("s", 1_000_000_000)]
        where nanoseconds > 0 && nanoseconds % scale == 0 {
            return "\(nanoseconds / scale)\(unit)"
        }
        return "\(nanoseconds / 1_000_000)ms"
    }

    /// The JSON Schema of a `timeout` of five seconds, to be written behind `"timeout":`.
    public static let timeoutSchema = #"""
        {
          "type": "string", "default": "5s",
          "description": "How long the backend may take to connect, take what is sent and answer; 1ms...1m."
        }
        """#

    /// What ``timeoutSchema`` describes.
    ///
    /// - Throws: ``ConfigProblem`` at `/timeout`.
    public init(timeout text: String?) throws(ConfigProblem) {
        try self.init(
            configText: text, default: .seconds(5), in: .milliseconds(1)...(.seconds(60)), at: "/timeout")
    }
}
