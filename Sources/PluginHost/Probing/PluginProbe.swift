internal import Glibc
internal import Primitives

/// What a child process found out about a plugin file.
public struct ProbeReport: Sendable, Hashable {
    /// What the file says of itself.
    public var description: PluginDescription
    /// For each configuration that was tried, what is wrong with it.
    public var problems: [[PluginProblem]]
}

/// Tries a plugin file in a child process: a truncated file kills whoever loads it, and a trap in a plugin's
/// configuration code kills whoever configures it.
///
/// The child is this very program, so an executable that loads plugins calls ``runIfChild()`` first thing in
/// `main`.
public struct PluginProbe: Sendable {
    /// The hidden first argument of the child.
    static let argument = "--probe-plugin"

    /// The program to run as the child.
    public var program: String
    /// How long loading and all configurations may take together.
    public var timeout: Duration

    public init(program: String = "/proc/self/exe", timeout: Duration = .seconds(10)) {
        self.program = program
        self.timeout = timeout
    }

    /// Runs the child's side of a probe when this process was started for that.
    ///
    /// - Returns: nil in any other process; else the status to exit with at once.
    public static func runIfChild() -> Int32? {
        let arguments = CommandLine.arguments
        guard arguments.count > 1, arguments[1] == Self.argument else { return nil }
        return self.childMain(Array(arguments.dropFirst(2)))
    }

    /// As ``runIfChild()``, with the arguments behind the hidden one.
    public static func childMain(_ arguments: [String]) -> Int32 { ProbeChild.main(arguments) }

    /// Loads the file in a child and tries configurations there. Blocks up to ``timeout``.
    ///
    /// - Parameters:
    ///   - file: What is loaded.
    ///   - origin: What messages and the description call it.
    ///   - configs: The JSON texts to try, given what the plugin says of itself.
    /// - Throws: ``PluginError`` when the file cannot be used at all; problems of configurations are in the
    ///   report.
    func run(
        _ file: String, origin: String, digest: String,
        configs: (PluginDescription) -> [[UInt8]] = { _ in [] }
    ) throws(PluginError) -> ProbeReport {
        let child: ChildProcess
        do {
            child = try ChildProcess(program: self.program, arguments: [Self.argument, file, origin])
        } catch {
            throw PluginError(
                code: .unreadable, message: "\(origin): cannot be tried in a child process: \(error)")
        }
        var conversation = ProbeConversation(child, origin: origin, digest: digest, timeout: self.timeout)
        return try conversation.run(configs)
    }
}
