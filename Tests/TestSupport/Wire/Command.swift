internal import Foundation

/// A program that a test ran to its end.
public struct Command: Sendable {
    /// nil when it had to be killed.
    public let ending: ChildProcess.Ending?
    /// What it wrote, to either stream.
    public let output: String

    /// Runs `program` until it ends, 20 seconds at most.
    public init(
        _ program: String, _ arguments: [String], environment: [String: String] = [:]
    ) throws {
        let folder = try TemporaryFolder()
        let process = try ChildProcess(
            program, arguments, output: folder.file("output"), environment: environment)
        eventually { process.state != nil }
        self.ending = process.stop()
        self.output = folder.text(of: "output")
    }
}
