internal import CFuzzer
internal import Glibc
internal import Mixer

/// Feeds arbitrary files to the reader of spools.
///
/// The first byte says what the rest is: even, a segment as it is; odd, blocks that get a right checksum:
/// kind, records, sequence, length and then the payload of each.
@main
struct SpoolFuzz {
    static func main() {
        postern_fuzz(CommandLine.argc, CommandLine.unsafeArgv) { start, count in
            SpoolFuzz.run(UnsafeRawBufferPointer(start: start, count: count))
        }
    }

    private static let folder: String = {
        var template = Array("/tmp/spool-fuzz-XXXXXX".utf8CString)
        _ = mkdtemp(&template)
        return String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }()

    static func run(_ input: UnsafeRawBufferPointer) {
        guard let first = input.first else { return }
        let rest = UnsafeRawBufferPointer(rebasing: input[1...])
        self.clear()
        self.write(first & 1 == 0 ? Array(rest) : self.blocks(rest))
        guard let result = SpoolInspection.read(self.folder) else { return }
        precondition(result.unread == 0, "\(result)")
        let again = SpoolInspection.read(self.folder)
        precondition(again == SpoolInspection.Result(), "read again: \(again.map { "\($0)" } ?? "nothing")")
    }

    private static func blocks(_ input: UnsafeRawBufferPointer) -> [UInt8] {
        var bytes: [UInt8] = []
        var at = 0
        while input.count - at >= 4 {
            let length = min(Int(input[at + 3]), input.count - at - 4)
            bytes += SpoolInspection.block(
                kind: UInt32(input[at] % 5), records: UInt32(input[at + 1]), sequence: UInt64(input[at + 2]),
                payload: UnsafeRawBufferPointer(rebasing: input[at + 4..<at + 4 + length]))
            at += 4 + length
        }
        return bytes
    }

    private static func write(_ bytes: [UInt8]) {
        mkdir(self.folder, 0o700)
        let file = open(SpoolInspection.segmentPath(self.folder), O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        _ = Glibc.write(file, bytes, bytes.count)
        close(file)
    }

    private static func clear() {
        guard let stream = opendir(self.folder) else { return }
        defer { closedir(stream) }
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { unlink("\(self.folder)/\(name)") }
        }
    }
}
