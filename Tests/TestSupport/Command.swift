internal import Foundation

/// A program that a test ran to its end, however that was.
public struct Command: Sendable {
    /// nil when it had to be killed.
    public let ending: ChildProcess.Ending?
    /// What it wrote, to either stream.
    public let output: String

    /// Runs `program`, found on the search path, until it ends.
    ///
    /// - Parameters:
    ///   - environment: In place of the tests' own, when given.
    ///   - seconds: It is killed after.
    public init(
        _ program: String, _ arguments: [String], environment: [String: String]? = nil,
        within seconds: Double = 120
    ) throws {
        let folder = try TemporaryFolder()
        let process = try ChildProcess(
            program, arguments, output: folder.file("output"), environment: environment ?? [:],
            inherits: environment == nil)
        eventually(within: seconds) { process.state != nil }
        self.ending = process.stop()
        self.output = folder.text(of: "output")
    }
}
