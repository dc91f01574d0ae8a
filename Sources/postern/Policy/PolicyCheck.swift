internal import ArgumentParser
internal import Foundation
internal import GatewayConfig
internal import LuaHost

/// `postern policy check`: what is wrong with scripts.
struct PolicyCheck: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Check scripts as the gateway does when it loads them.",
        discussion: """
            Compiles each script, loads its modules and runs its top level within the budget of a gateway.
            Prints each problem as FILE:LINE: MESSAGE.
            Exits with 0 when there is none, 1 with problems, 2 when nothing can be read.
            """
    )

    @Argument(help: "Scripts, or folders of them.", completion: .file())
    var paths: [String]

    @Option(help: "A JSON or YAML file with the scripts' `config`.")
    var config: String?

    func run() throws {
        let node = try self.readConfig()
        var problems: [String] = []
        var count = 0
        for path in self.paths {
            guard FileManager.default.isReadableFile(atPath: path) else {
                Self.fail("\(path): cannot be read")
                throw ExitCode(2)
            }
            let set = PolicySet.load(LuaFilter(path: path, config: node), directory: ".")
            count += set.policies.count
            problems += set.policies.flatMap { policy in
                [policy.problem.map(\.description)].compactMap { $0 }
                    + policy.configProblems.map { "\(policy.path): config\(Self.place($0)): \($0.message)" }
            }
        }
        for problem in problems { print(problem) }
        guard problems.isEmpty else { throw ExitCode(1) }
        print(count == 1 ? "1 script is well" : "\(count) scripts are well")
    }

    private static func place(_ problem: ConfigProblem) -> String {
        problem.path.isEmpty ? "" : " \(problem.path)"
    }

    private func readConfig() throws -> ConfigNode {
        guard let path = self.config else { return ConfigNode(.object([])) }
        guard let data = FileManager.default.contents(atPath: path) else {
            Self.fail("\(path): cannot be read")
            throw ExitCode(2)
        }
        let reading = ConfigDocument.read(Array(data), fileName: path)
        guard let root = reading.root, reading.problems.isEmpty else {
            for problem in reading.problems { print("\(path):\(problem)") }
            throw ExitCode(1)
        }
        return root
    }

    private static func fail(_ message: String) {
        FileHandle.standardError.write(Data("postern: \(message)\n".utf8))
    }
}
