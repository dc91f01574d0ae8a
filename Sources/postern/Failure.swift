internal import ArgumentParser
internal import Foundation

/// Says on standard error what is wrong.
///
/// - Returns: What to throw, so that the command ends with `status`.
func failure(_ message: String, status: Int32 = 1) -> ExitCode {
    FileHandle.standardError.write(Data("postern: \(message)\n".utf8))
    return ExitCode(status)
}
