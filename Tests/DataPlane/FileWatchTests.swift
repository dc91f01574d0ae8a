internal import Foundation
internal import Reactor
internal import TestSupport
internal import Testing
@testable internal import DataPlane

@Suite(.ownThread) struct FileWatchTests {
    private let loop: EventLoop
    private let folder: TemporaryFolder
    private let count = Count()

    private final class Count { var value = 0 }

    init() throws {
        self.loop = try EventLoop()
        self.folder = try TemporaryFolder()
    }

    private func watch(_ paths: String...) throws -> FileWatch {
        let watch = try FileWatch(self.loop) { [count = self.count] in count.value += 1 }
        #expect(watch.watch(Set(paths.map { self.folder.file($0).path })).isEmpty)
        return watch
    }

    /// Whether a change is told, and no more after it.
    private func isTold(_ watch: FileWatch, _ change: () throws -> Void) throws -> Bool {
        let before = self.count.value
        try change()
        return withExtendedLifetime(watch) {
            eventually {
                self.loop.turn(wait: false)
                return self.count.value > before
            }
        }
    }

    private func make(_ name: String) throws {
        try FileManager.default.createDirectory(
            at: self.folder.file(name), withIntermediateDirectories: true)
    }

    private func link(_ name: String, to target: String) throws {
        try FileManager.default.createSymbolicLink(
            atPath: self.folder.file(name).path, withDestinationPath: target)
    }

    private func rename(_ old: String, _ new: String) {
        #expect(Foundation.rename(self.folder.file(old).path, self.folder.file(new).path) == 0)
    }

    @Test("A file that is written, replaced or removed is told, again and again")
    func file() throws {
        _ = try self.folder.write("1", to: "a")
        let watch = try self.watch("a")
        #expect(try self.isTold(watch) { try Data("2".utf8).write(to: self.folder.file("a")) })
        _ = try self.folder.write("3", to: "b")
        #expect(try self.isTold(watch) { self.rename("b", "a") })
        #expect(try self.isTold(watch) { try FileManager.default.removeItem(at: self.folder.file("a")) })
    }

    @Test("The link that Kubernetes replaces is told, also behind another link")
    func kubernetes() throws {
        for version in ["..1", "..2"] {
            try self.make("mount/\(version)")
            _ = try self.folder.write(version, to: "mount/\(version)/a")
        }
        try self.link("mount/..data", to: "..1")
        try self.link("mount/a", to: "..data/a")
        try self.link("b", to: "mount/a")
        let watch = try self.watch("b")
        for version in ["..2", "..1"] {
            try self.link("mount/..new", to: version)
            #expect(try self.isTold(watch) { self.rename("mount/..new", "mount/..data") })
        }
    }

    @Test("A link to a folder that is removed and made anew is told")
    func release() throws {
        for release in ["one", "two"] {
            try self.make(release)
            _ = try self.folder.write(release, to: "\(release)/a")
        }
        try self.link("current", to: "one")
        let watch = try self.watch("current/a")
        try FileManager.default.removeItem(at: self.folder.file("current"))
        #expect(try self.isTold(watch) { try self.link("current", to: "two") })
        // The new release is watched by now.
        #expect(try self.isTold(watch) { try Data("3".utf8).write(to: self.folder.file("two/a")) })
    }

    @Test("A folder that does not exist yet is waited for, and what is put into it is told")
    func later() throws {
        let watch = try self.watch("policies/more")
        #expect(try self.isTold(watch) { try self.make("policies") })
        #expect(try self.isTold(watch) { try self.make("policies/more") })
        #expect(try self.isTold(watch) { _ = try self.folder.write("1", to: "policies/more/a.lua") })
    }

    @Test("A folder on the way that is renamed away is told, and its successor watched")
    func replacedFolder() throws {
        for name in ["site", "next"] {
            try self.make(name)
            _ = try self.folder.write(name, to: "\(name)/a")
        }
        let watch = try self.watch("site/a")
        #expect(try self.isTold(watch) { self.rename("site", "old") })
        #expect(try self.isTold(watch) { self.rename("next", "site") })
        #expect(try self.isTold(watch) { try Data("3".utf8).write(to: self.folder.file("site/a")) })
    }

    @Test("One folder watched by two paths tells of files in both")
    func twoPaths() throws {
        try self.make("real")
        try self.link("link", to: "real")
        for name in ["a", "b"] { _ = try self.folder.write(name, to: "real/\(name)") }
        let watch = try self.watch("real/a", "link/b")
        for name in ["a", "b"] {
            #expect(try self.isTold(watch) { try Data("2".utf8).write(to: self.folder.file("real/\(name)")) })
        }
    }

    @Test("When the kernel has lost events, a change is told")
    func overflow() throws {
        _ = try self.folder.write("1", to: "a")
        let watch = try self.watch("a")
        let limit = try String(contentsOfFile: "/proc/sys/fs/inotify/max_queued_events", encoding: .utf8)
        let events = Int(limit.trimmingCharacters(in: .whitespacesAndNewlines)) ?? 16384
        #expect(
            try self.isTold(watch) {
                // Each open file that is closed and each removal is an event.
                for _ in 0...events / 2 {
                    let path = self.folder.file("other").path
                    close(open(path, O_CREAT | O_WRONLY, 0o600))
                    unlink(path)
                }
            })
    }
}
