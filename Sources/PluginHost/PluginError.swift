/// Why a plugin cannot be used.
public struct PluginError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The kind of error; more may come.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        private let name: String

        /// No file of that name in the folders searched.
        public static let notFound = Self(name: "notFound")
        /// The file cannot be read, copied or loaded.
        public static let unreadable = Self(name: "unreadable")
        /// Loading it, or checking a configuration, ended or hung the child process that tried.
        public static let crashed = Self(name: "crashed")
        /// It is no plugin, or one for another host.
        public static let refused = Self(name: "refused")
        /// It refused its configuration.
        public static let badConfiguration = Self(name: "badConfiguration")

        public var description: String { self.name }
    }

    public var code: Code
    /// The file or plugin, what was found, and the way out.
    public var message: String
    /// What is wrong with the configuration, when that was refused.
    public var problems: [PluginProblem] = []

    public var description: String { self.message }
}

/// What a plugin finds wrong with its configuration.
public struct PluginProblem: Error, Sendable, Hashable, CustomStringConvertible {
    /// JSON pointer (RFC 6901) to the value; empty for the whole.
    public var pointer: String
    public var message: String

    public init(pointer: String, message: String) {
        self.pointer = pointer
        self.message = message
    }

    public var description: String {
        self.pointer.isEmpty ? self.message : "\(self.pointer): \(self.message)"
    }
}
