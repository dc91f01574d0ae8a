/// A program that a test runs to its end.
public enum Tool {
    public struct Failure: Error, CustomStringConvertible {
        public let description: String

        public init(description: String) { self.description = description }
    }

    /// What `program`, found on the search path, prints on standard output and standard error.
    ///
    /// - Parameter environment: In place of the tests' own, when given.
    /// - Throws: ``Failure`` with that text, when it does not end with status 0 in ten minutes.
    @discardableResult
    public static func run(
        _ program: String, _ arguments: [String], environment: [String: String]? = nil
    ) throws -> String {
        let command = try Command(program, arguments, environment: environment, within: 600)
        guard command.ending == .exited(0) else {
            throw Failure(description: "\(program) \(arguments.joined(separator: " ")): \(command.output)")
        }
        return command.output
    }
}
