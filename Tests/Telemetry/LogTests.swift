import Foundation
import Primitives
import Testing

@testable import Telemetry

@Suite struct LogTests {
    let folder: Folder
    let descriptor: Int32

    init() throws {
        self.folder = try Folder()
        self.descriptor = Foundation.open(self.folder.file("err"), O_WRONLY | O_CREAT | O_APPEND, 0o600)
        try #require(self.descriptor >= 0)
    }

    var lines: [Substring] { self.folder.read("err").split(separator: "\n") }

    @Test("Lines below the level are not written, and the level changes at once")
    func level() {
        let log = Log(level: .warning, descriptor: self.descriptor)
        log.write(.info, "m", "quiet")
        log.write(.warning, "m", "loud")
        log.level = .trace
        log.write(.trace, "m", "now too")
        #expect(log.level == .trace)
        #expect(self.lines.map { $0.split(separator: " ")[1] } == ["warning", "trace"])
    }

    @Test("A message below the level is not even made")
    func lazy() {
        var made = 0
        func message() -> String {
            made += 1
            return "x"
        }
        Log(level: .error, descriptor: self.descriptor).write(.info, "m", message())
        #expect(made == 0)
    }

    @Test("Names of levels are read as they are written; warn is accepted")
    func names() {
        for level in LogLevel.allCases { #expect(LogLevel(name: level.name.description) == level) }
        #expect(LogLevel(name: "warn") == .warning)
        #expect(LogLevel(name: "loud") == nil)
    }

    func line(_ message: String, _ fields: KeyValuePairs<StaticString, LogValue>) -> LogLine {
        LogLine(
            level: .info, module: "dataplane", message: message, fields: fields,
            wall: WallTime(nanosecondsSinceEpoch: 1_767_225_599_123_456_789),
            monotonic: MonotonicTime(nanoseconds: 12_000_345_999))
    }

    func format(_ format: LogFormat, _ line: LogLine) -> String {
        let buffer = ByteBuffer(capacity: 64)
        line.append(format, to: buffer)
        return buffer.view.string
    }

    @Test("Text has the fields as key=value, quoted where needed, and nothing breaks the line")
    func text() {
        let line = self.line(
            "it's \"up\"\nnow", ["address": "[::]:8080", "why": "a \"b\"\r", "none": "", "n": -3])
        #expect(
            self.format(.text, line) == """
                2025-12-31T23:59:59.123456Z info dataplane it's "up"\\x0anow address=[::]:8080 \
                why="a \\"b\\"\\x0d" none="" n=-3 monotonic=12.000345

                """)
    }

    @Test("JSON has the same parts")
    func json() {
        #expect(
            self.format(.json, self.line("a\nb", ["why": "c\"d", "n": 7])) == """
                {"time":"2025-12-31T23:59:59.123456Z","monotonic":12.000345,"level":"info",\
                "module":"dataplane",\
                "message":"a\\nb","why":"c\\"d","n":7}

                """)
    }

    @Test("Lines alike are held back after ten in a second, and counted in the next")
    func repeats() {
        var limit = RepeatLimit()
        let verdicts = (0..<15).map { _ in limit.admit("m", "x", now: 5) }
        #expect(verdicts == Array(repeating: .write(held: 0), count: 10) + Array(repeating: .hold, count: 5))
        let later = limit.admit("m", "x", now: 1_000_000_005)
        let again = limit.admit("m", "x", now: 1_000_000_006)
        // Last, because it may fall on the other's place, and push it out.
        let other = limit.admit("m", "y", now: 1_000_000_006)
        #expect(other == .write(held: 0))
        #expect(later == .write(held: 5))
        #expect(again == .write(held: 0))
    }

    @Test("A worker's lines go through its queue, in order; what does not fit is dropped and counted")
    func worker() throws {
        let telemetry = TelemetryProcess(log: Log(level: .info, descriptor: self.descriptor))
        let worker = telemetry.makeWorker(index: 0)
        worker.log.write(.debug, "m", "quiet")
        worker.log.write(.info, "m", "first", ["n": 1])
        worker.log.write(.error, "m", "second")
        #expect(self.lines.isEmpty)
        telemetry.flush()
        #expect(self.lines.count == 2)
        #expect(self.lines[0].contains(" info m first n=1 ") && self.lines[1].contains(" error m second "))
        for number in 0..<2000 { worker.log.write(.info, "m", "line \(number)") }
        telemetry.flush()
        let dropped = try #require(telemetry.registry.read("postern_log_lines_dropped_total")).value
        #expect(dropped > 0)
        #expect(self.lines.count == 2002 - Int(dropped))
    }

    @Test("A line that is too long for the queue keeps its beginning")
    func long() {
        let telemetry = TelemetryProcess(log: Log(level: .info, descriptor: self.descriptor))
        let worker = telemetry.makeWorker(index: 0)
        worker.log.write(.info, "m", String(repeating: "x", count: 9000), ["n": 1])
        telemetry.flush()
        #expect(self.lines.count == 1)
        #expect(self.lines.first?.contains(String(repeating: "x", count: 256) + "…") == true)
    }
}
