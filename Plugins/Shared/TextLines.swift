/// The lines of a text, numbered from 1, that hold something; either line ending will do.
///
/// Swift takes CR LF for one character, so that splitting a text at "\n" misses it.
public func numberedLines(of text: String) -> [(number: Int, text: String)] {
    var lines: [(Int, String)] = []
    for (index, line) in text.utf8.split(separator: 0x0A, omittingEmptySubsequences: false).enumerated() {
        let content = line.last == 0x0D ? line.dropLast() : line
        if !content.isEmpty { lines.append((index + 1, String(Substring(content)))) }
    }
    return lines
}
