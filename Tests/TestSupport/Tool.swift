internal import Foundation

/// A program that a test runs to its end.
public enum Tool {
    public struct Failure: Error, CustomStringConvertible {
        public let description: String

        public init(description: String) { self.description = description }
    }

    /// What `program`, found on the search path, prints on standard output and standard error.
    ///
    /// - Parameter environment: In place of the tests' own, when given.
    /// - Throws: ``Failure`` with that text, when it does not end with status 0 in two minutes.
    @discardableResult
    public static func run(
        _ program: String, _ arguments: [String], environment: [String: String]? = nil
    ) throws -> String {
        let folder = try TemporaryFolder()
        let process = try ChildProcess(
            program, arguments, output: folder.file("output"), environment: environment ?? [:],
            inherits: environment == nil)
        let ended = eventually(within: 120) { process.state != nil }
        let output = folder.text(of: "output")
        if !ended { process.stop() }
        guard process.state == .exited(0) else {
            throw Failure(description: "\(program) \(arguments.joined(separator: " ")): \(output)")
        }
        return output
    }
}
