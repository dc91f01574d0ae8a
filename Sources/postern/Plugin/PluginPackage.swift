internal import Foundation

/// A folder that a plugin is built in.
struct PluginPackage {
    let folder: URL
    let language: PluginLanguage
    let sdk: URL

    /// - Throws: The exit code, after saying what is missing.
    init(_ path: String) throws {
        self.folder = URL(fileURLWithPath: path)
        func has(_ name: String) -> Bool {
            FileManager.default.fileExists(
                atPath: URL(fileURLWithPath: path).appendingPathComponent(name).path)
        }
        if has("Package.swift") {
            self.language = .swift
        } else if has("Makefile") {
            self.language = .c
        } else {
            throw failure(
                "'\(path)' has neither Package.swift nor Makefile; begin with 'postern plugin new NAME'")
        }
        guard let sdk = SDKFolder.find() else {
            throw failure("no SDK beside this program (share/postern/sdk); name one with POSTERN_SDK")
        }
        self.sdk = sdk
    }

    /// The name of the dynamic library that `Package.swift` makes.
    func product() throws -> String {
        let manifest = try String(
            contentsOf: self.folder.appendingPathComponent("Package.swift"), encoding: .utf8)
        guard let match = manifest.firstMatch(of: /\.library\(\s*name:\s*"([a-z0-9-]+)",\s*type:\s*\.dynamic/)
        else {
            throw failure(
                "Package.swift has no product .library(name: \"…\", type: .dynamic, …) with a plugin's name")
        }
        return String(match.1)
    }

    /// Runs a program in the folder; its output goes where ours goes.
    ///
    /// - Throws: The exit code, when it fails.
    func run(_ program: String, _ arguments: [String]) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [program] + arguments
        process.currentDirectoryURL = self.folder
        process.environment = ProcessInfo.processInfo.environment.merging(["POSTERN_SDK": self.sdk.path]) {
            $1
        }
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw failure(
                "\(program) \(arguments.first ?? "") failed with status \(process.terminationStatus)")
        }
    }
}
