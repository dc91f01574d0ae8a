internal import ArgumentParser
internal import Foundation

/// `postern policy new`: a script and its tests.
struct PolicyNew: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "new",
        abstract: "Make a policy with a test.",
        discussion: "Writes NAME.lua and NAME_test.lua; files that are there already are left alone."
    )

    @Argument(help: "The policy's name, of letters, digits, `.`, `_` and `-`.")
    var name: String

    @Option(help: "The folder to write into; made when it is not there.")
    var directory = "."

    func validate() throws {
        let allowed = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-")
        guard (1...59).contains(self.name.count), self.name.allSatisfy(allowed.contains),
            self.name.first != "."
        else {
            throw ValidationError(
                "a policy's name has at most 59 letters, digits, `.`, `_` and `-`, got '\(self.name)'")
        }
        if self.name.hasSuffix("_test") {
            throw ValidationError("a policy's name must not end in '_test': such files are tests")
        }
    }

    func run() throws {
        let folder = URL(filePath: self.directory, directoryHint: .isDirectory)
        let script = folder.appending(path: "\(self.name).lua")
        let test = folder.appending(path: "\(self.name)_test.lua")
        do {
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            try Data(PolicyTemplate.script.utf8).write(to: script, options: .withoutOverwriting)
            try Data(PolicyTemplate.test.utf8).write(to: test, options: .withoutOverwriting)
        } catch {
            FileHandle.standardError.write(Data("postern: \(error.localizedDescription)\n".utf8))
            throw ExitCode(2)
        }
        print(
            """
            made \(script.relativePath) and \(test.relativePath)
            test it:   postern policy test \(self.directory)
            use it:    filters: [{ lua: \(script.relativePath) }]
            """
        )
    }
}
