internal import ArgumentParser
internal import Foundation

/// `postern plugin build`: the file that a gateway loads.
struct PluginBuild: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "build",
        abstract: "Build the plugin in the present folder, into plugins/NAME.so.",
        discussion: """
            Runs 'swift build -c release', or 'make', against the SDK of this installation, and renames the
            file into place, so that a running gateway takes it into use at once.
            """
    )

    @Option(help: "The plugin's folder.")
    var path = "."

    @Flag(
        help:
            "Give the file a Swift runtime of its own (9 MB), so that gateways of another Swift take it."
    )
    var staticRuntime = false

    func run() throws {
        let package = try PluginPackage(self.path)
        switch package.language {
        case .c:
            if self.staticRuntime {
                throw failure("--static-runtime is for plugins in Swift; C needs no runtime")
            }
            try package.run("make", ["--silent", "SDK=\(package.sdk.path)"])
        case .swift: try self.buildSwift(package)
        }
        let plugins = package.folder.appendingPathComponent("plugins")
        for file in try FileManager.default.contentsOfDirectory(atPath: plugins.path).sorted()
        where file.hasSuffix(".so") {
            print("built \(self.path == "." ? "" : self.path + "/")plugins/\(file)")
        }
    }

    private func buildSwift(_ package: PluginPackage) throws {
        let product = try package.product()
        // A scratch folder for each: other flags would build all again.
        let scratch = self.staticRuntime ? ".build/static" : ".build"
        let flags =
            self.staticRuntime ? ["-Xswiftc", "-static-stdlib", "-Xswiftc", "-DPOSTERN_STATIC_RUNTIME"] : []
        try package.run(
            "swift", ["build", "-c", "release", "--product", product, "--scratch-path", scratch] + flags)
        let built = package.folder.appendingPathComponent("\(scratch)/release/lib\(product).so")
        let plugins = package.folder.appendingPathComponent("plugins")
        try FileManager.default.createDirectory(at: plugins, withIntermediateDirectories: true)
        let fresh = plugins.appendingPathComponent("\(product).so.new")
        try? FileManager.default.removeItem(at: fresh)
        try FileManager.default.copyItem(at: built, to: fresh)
        guard rename(fresh.path, plugins.appendingPathComponent("\(product).so").path) == 0 else {
            throw failure("cannot rename \(fresh.path): \(String(cString: strerror(errno)))")
        }
    }
}
