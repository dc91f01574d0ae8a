internal import Foundation

/// Where the SDK is: in the installed tree, or in the working copy that this program was built in.
enum SDKFolder {
    /// - Returns: nil when there is none, for a program that was copied out of its tree.
    static func find() -> URL? {
        if let named = ProcessInfo.processInfo.environment["POSTERN_SDK"] {
            return Self.isSDK(URL(fileURLWithPath: named)) ? URL(fileURLWithPath: named) : nil
        }
        var folder = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
            .deletingLastPathComponent()
        let installed = folder.deletingLastPathComponent().appendingPathComponent("share/postern/sdk")
        if Self.isSDK(installed) { return installed }
        while folder.path != "/" {
            folder.deleteLastPathComponent()
            let sdk = folder.appendingPathComponent("SDK")
            if Self.isSDK(sdk) { return sdk }
        }
        return nil
    }

    private static func isSDK(_ folder: URL) -> Bool {
        FileManager.default.fileExists(atPath: folder.appendingPathComponent("plugin.map").path)
    }
}
