public import Foundation

// Files of plugins that are made without compiling.

extension CompiledPlugin {
    /// What the file holds.
    public var contents: Data { get throws { try Data(contentsOf: URL(filePath: self.file)) } }

    /// Puts `contents` in the place of the file in one step.
    public func replace(with contents: Data) throws {
        try contents.write(to: URL(filePath: self.file), options: .atomic)
    }
}

extension Data {
    /// A copy in which `mark` is replaced by a text of the same length.
    public func replacing(_ mark: String, with text: String) -> Data {
        var copy = self
        while let range = copy.range(of: Data(mark.utf8)) {
            copy.replaceSubrange(range, with: Data(text.utf8))
        }
        return copy
    }
}
