import Foundation
import PluginSupport
import PosternTestKit
import Stdio
import TestSupport
import Testing

@Suite(.ownThread) struct StdioTests {
    /// A pipe and what lines are made with.
    func lines(_ numbers: ClosedRange<Int>) -> LineBuffer {
        let buffer = LineBuffer()
        for number in numbers {
            buffer.append(number: Int64(number))
            buffer.append(text: String(repeating: "x", count: 999))
            buffer.append(0x0A)
        }
        return buffer
    }

    @Test("Log entries go to the standard error of the process")
    func standardError() throws {
        // The tests' own standard error, for a moment.
        let handler = try TestHost().configure(Stdio.self, #"{ "stream": "stderr", "columns": ["n"] }"#)
        let saved = dup(2)
        let folder = try TemporaryFolder()
        let file = open(folder.file("out").path, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        dup2(file, 2)
        let report = handler.report([.logEntry(["n": .int64(7)])])
        dup2(saved, 2)
        close(saved)
        close(file)
        #expect(report.isDelivered)
        #expect(folder.text(of: "out").contains("{\"n\":7}\n"))
    }

    @Test("A reader that does not read makes a write end in time; what was begun is completed first")
    func slow() throws {
        let pipe = Pipe()
        let output = LineOutput(borrowing: pipe.fileHandleForWriting.fileDescriptor)
        let first = output.write(self.lines(1...200), timeout: .milliseconds(50))
        #expect(first.problem == "its reader takes nothing" && first.taken > 0 && first.taken % 1001 < 300)
        #expect(output.write(self.lines(1...1), timeout: .milliseconds(1)).taken == 0)
        var text = Data()
        while text.count < first.taken { text += pipe.fileHandleForReading.availableData }
        let last = output.write(self.lines(500...500), timeout: .seconds(20))
        #expect(last.problem == nil)
        try pipe.fileHandleForWriting.close()
        text += try pipe.fileHandleForReading.readToEnd() ?? Data()
        let lines = String(decoding: text, as: UTF8.self).split(separator: "\n")
        #expect(lines.allSatisfy { $0.drop { $0.isNumber }.count == 999 })
        #expect(lines.last?.prefix(3) == "500")
    }

    @Test("A line longer than a pipe takes at once is completed later, and only then others follow")
    func torn() throws {
        let pipe = Pipe()
        let output = LineOutput(borrowing: pipe.fileHandleForWriting.fileDescriptor)
        let buffer = LineBuffer()
        buffer.append(text: String(repeating: "a", count: 100_000) + "\nb\n")
        let torn = output.write(buffer, timeout: .milliseconds(50))
        #expect(torn.problem != nil && torn.taken == 100_001)
        var text = Data()
        while text.count < 40_000 { text += pipe.fileHandleForReading.availableData }
        buffer.truncate()
        buffer.append(text: "b\n")
        #expect(output.write(buffer, timeout: .seconds(20)).problem == nil)
        try pipe.fileHandleForWriting.close()
        text += try pipe.fileHandleForReading.readToEnd() ?? Data()
        #expect(text == Data((String(repeating: "a", count: 100_000) + "\nb\n").utf8))
    }

    @Test("A pipe without a reader is an error and ends nobody")
    func broken() throws {
        let pipe = Pipe()
        let output = LineOutput(borrowing: pipe.fileHandleForWriting.fileDescriptor)
        try pipe.fileHandleForReading.close()
        let outcome = output.write(self.lines(1...1), timeout: .seconds(20))
        #expect(outcome.taken == 0 && outcome.problem == "Broken pipe")
    }
}
