import Foundation
import File
import PosternSDK
import PosternTestKit
import TestSupport
import Testing

@Suite(.ownThread) struct FileTests {
    let folder: TemporaryFolder

    init() throws { self.folder = try TemporaryFolder() }

    func handler(_ config: String = "", at path: String? = nil) throws -> TestHandler {
        let path = path ?? self.folder.file("log").path
        return try TestHost().configure(
            File.self, #"{ "path": "\#(path)", "format": "text", "line": "{n}" \#(config) }"#)
    }

    func records(_ numbers: ClosedRange<Int>, _ text: String = "") -> [TestRecord] {
        numbers.map { .logEntry(["n": .string("\($0)\(text)")]) }
    }

    func text(_ numbers: ClosedRange<Int>) -> String { numbers.map { "\($0)\n" }.joined() }

    @Test("Lines are appended; the file is made at the first report with its permissions")
    func appends() throws {
        let path = self.folder.file("log").path
        let handler = try self.handler(#", "mode": "0600""#)
        #expect(!FileManager.default.fileExists(atPath: path))
        #expect(handler.report(self.records(1...2)).isDelivered)
        #expect(handler.report(self.records(3...3)).isDelivered)
        #expect(try self.handler().report(self.records(4...4)).isDelivered)
        #expect(self.folder.text(of: "log") == self.text(1...4))
        let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
        #expect(mode == 0o600)
    }

    @Test("A file that cannot be opened takes nothing, and lines come when it can")
    func absent() throws {
        let path = self.folder.file("sub/log").path
        let handler = try self.handler(at: path)
        #expect(
            handler.report(self.records(1...1)).problem == "cannot open \(path): No such file or directory")
        try FileManager.default.createDirectory(
            at: self.folder.file("sub"), withIntermediateDirectories: true)
        #expect(handler.report(self.records(1...1), attempt: 1).isDelivered)
        #expect(self.folder.text(of: "sub/log") == "1\n")
    }

    @Test("A full disk takes nothing")
    func full() throws {
        let handler = try self.handler(at: "/dev/full")
        #expect(handler.report(self.records(1...1)).problem == "No space left on device")
    }

    @Test("A line that stands broken at the end of the file is ended before the next")
    func broken() throws {
        _ = try self.folder.write("whole\nbro", to: "log")
        #expect(try self.handler().report(self.records(1...1)).isDelivered)
        #expect(self.folder.text(of: "log") == "whole\nbro\n1\n")
    }

    @Test("A new file begins before one is too large, and so many old ones stay")
    func size() throws {
        let handler = try self.handler(#", "rotateSize": "1KiB", "keep": 2"#)
        let long = String(repeating: "x", count: 598)
        for number in 1...4 { #expect(handler.report(self.records(number...number, long)).isDelivered) }
        #expect(self.folder.text(of: "log") == "4\(long)\n")
        #expect(self.folder.text(of: "log.1") == "3\(long)\n")
        #expect(self.folder.text(of: "log.2") == "2\(long)\n")
        #expect(!FileManager.default.fileExists(atPath: self.folder.file("log.3").path))
    }

    @Test("Two generations of a handler rotate one file without losing lines")
    func generations() throws {
        let both = try [0, 1].map { _ in try self.handler(#", "rotateSize": "1KiB", "keep": 99"#) }
        let long = String(repeating: "x", count: 300)
        for number in 1...40 {
            #expect(both[number % 2].report(self.records(number...number, long)).isDelivered)
        }
        let files = try FileManager.default.contentsOfDirectory(atPath: self.folder.url.path)
        let numbers = files.flatMap {
            self.folder.text(of: $0).split(separator: "\n").map { $0.prefix { $0 != "x" } }
        }
        #expect(numbers.compactMap { Int($0) }.sorted() == Array(1...40))
        #expect(files.count == 14)
    }

    @Test("A new file begins with each period, over restarts too")
    func age() throws {
        _ = try self.folder.write("old\n", to: "log")
        let path = self.folder.file("log").path
        try FileManager.default.setAttributes(
            [.modificationDate: Date(timeIntervalSinceNow: -3700)], ofItemAtPath: path)
        let handler = try self.handler(#", "rotateEvery": "1h""#)
        #expect(handler.report(self.records(1...1)).isDelivered)
        #expect(self.folder.text(of: "log") == "1\n" && self.folder.text(of: "log.1") == "old\n")
        try FileManager.default.setAttributes(
            [.modificationDate: Date(timeIntervalSinceNow: -3700)], ofItemAtPath: path)
        #expect(handler.report(self.records(2...2)).isDelivered)
        #expect(self.folder.text(of: "log") == "2\n" && self.folder.text(of: "log.2") == "old\n")
    }

    @Test("logrotate moves the file away, and lines go on in a new one", arguments: ["create", "nocreate"])
    func logrotate(_ create: String) throws {
        let path = self.folder.file("log").path
        let config = try self.folder.write(
            """
            \(path) {
                rotate 3
                \(create)
                postrotate
                    touch \(path).told
                endscript
            }

            """,
            to: "logrotate.conf")
        if getuid() == 0 { try Tool.run("chmod", ["0644", config.path]) }
        let handler = try self.handler()
        for number in 1...3 {
            #expect(handler.report(self.records(number...number)).isDelivered)
            try Tool.run(
                "/usr/sbin/logrotate", ["-f", "-s", self.folder.file("state").path, config.path])
            #expect(FileManager.default.fileExists(atPath: "\(path).told"))
            handler.reopen()
        }
        #expect(handler.report(self.records(4...4)).isDelivered)
        for (file, number) in [("log", 4), ("log.1", 3), ("log.2", 2), ("log.3", 1)] {
            #expect(self.folder.text(of: file) == "\(number)\n")
        }
    }

    @Test("What a disk has no room for comes again, and no line is torn", .enabled(if: getuid() == 0))
    func partial() throws {
        let disk = self.folder.file("disk")
        try FileManager.default.createDirectory(at: disk, withIntermediateDirectories: true)
        try Tool.run("mount", ["-t", "tmpfs", "-o", "size=64k", "tmpfs", disk.path])
        defer { _ = try? Tool.run("umount", ["-l", disk.path]) }
        let handler = try self.handler(at: disk.appendingPathComponent("log").path)
        let long = String(repeating: "x", count: 1000)
        let all = self.records(1...100, long)
        let report = handler.report(all)
        let taken = report.outcomes.filter { $0 == .delivered }.count
        #expect(report.problem == nil && taken > 50 && taken < 70)
        #expect(report.outcomes == (0..<100).map { $0 < taken ? .delivered : .again })
        let text = self.folder.text(of: "disk/log")
        #expect(text.hasSuffix("\(taken)\(long)\n") && text.filter { $0 == "\n" }.count == taken)
        #expect(handler.report(Array(all[taken...]), attempt: 1).problem == "No space left on device")
        try Tool.run("mount", ["-o", "remount,size=1m", disk.path])
        #expect(handler.report(Array(all[taken...]), attempt: 2).isDelivered)
        let numbers = self.folder.text(of: "disk/log").split(separator: "\n").compactMap {
            $0.hasSuffix(long) ? Int($0.dropLast(1000)) : nil
        }
        #expect(numbers == Array(1...100))
    }
}
