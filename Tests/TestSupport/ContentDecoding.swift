internal import Foundation

/// Decodes bodies with the tools that everybody has: `gzip`, `brotli` and `zstd`.
public enum ContentDecoding {
    /// The text of a body.
    ///
    /// - Parameters:
    ///   - encoding: As `content-encoding` has it.
    ///   - isWhole: Whether the body must end as its format wants it; else what has come so far is decoded.
    /// - Throws: ``Tool/Failure`` when a whole body is none.
    public static func text(_ body: [UInt8], _ encoding: String, isWhole: Bool = true) throws -> String {
        let tool = ["gzip": "gzip", "br": "brotli", "zstd": "zstd"][encoding] ?? "cat"
        let folder = try TemporaryFolder()
        try Data(body).write(to: folder.file("body"))
        let arguments = tool == "cat" ? "" : "-dc"
        let command = "\(tool) \(arguments) <\(folder.file("body").path) >\(folder.file("text").path)"
        let run = try Command("sh", ["-c", command])
        if isWhole, run.ending != .exited(0) { throw Tool.Failure(description: run.output) }
        return folder.text(of: "text")
    }
}
