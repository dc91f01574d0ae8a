/// What the tests of one file gave.
public struct PolicyTestReport: Sendable {
    /// One `test(…)`.
    public struct Outcome: Sendable {
        public let name: String
        /// Why it failed, with file and line; nil when it passed.
        public let problem: String?
    }

    /// Which lines of a script or module ran.
    public struct Coverage: Sendable {
        /// As messages name it: the script's file, or a module's path from the script's folder.
        public let file: String
        /// Lines with something to run, and those that never did.
        public let lines: Int
        public let missed: [Int]

        /// Whole percent, 100 only when nothing is missed.
        public var percent: Int {
            self.lines == 0 ? 100 : (self.lines - self.missed.count) * 100 / self.lines
        }
    }

    /// The test's file.
    public let path: String
    public var outcomes: [Outcome] = []
    /// Why the file itself could not be run to its end.
    public var problem: LuaError?
    public var coverage: [Coverage] = []

    public var failures: Int { self.outcomes.count { $0.problem != nil } + (self.problem == nil ? 0 : 1) }
}
