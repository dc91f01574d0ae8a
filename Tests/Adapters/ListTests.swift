import Foundation
import List
import PosternSDK
import PosternTestKit
import TestSupport
import Testing

@Suite(.ownThread) struct ListTests {
    let host = TestHost()
    let shape = TestShape(.listEntry, columns: ["value"])

    func code(_ handler: TestHandler, _ value: TestValue) throws -> UInt32 {
        try handler.check(TestRecord(self.shape, [value])).code
    }
    func passes(_ handler: TestHandler, _ value: String) throws -> Bool {
        try self.code(handler, .string(value)) == 0
    }

    @Test(
        "With a list of the allowed only what is on it passes; with a blocklist all else; absent is on none")
    func sides() throws {
        let allow = try self.host.configure(ListAdapter.self, #"{ "entries": ["a", "b c"] }"#)
        #expect(try self.passes(allow, "a") && self.passes(allow, "b c"))
        #expect(try !self.passes(allow, "A") && !self.passes(allow, "") && !self.passes(allow, "aa"))
        #expect(try self.code(allow, .absent) == 7)
        let block = try self.host.configure(
            ListAdapter.self,
            #"{ "entries": ["a"], "blocklist": true, "code": "notFound", "message": "gone" }"#)
        #expect(try self.code(block, .string("a")) == 5)
        #expect(try self.passes(block, "b") && self.code(block, .absent) == 0)
        #expect(try block.check(TestRecord(self.shape, [.string("a")])).message == "gone")
    }

    @Test("An answer holds as long as configured, and as often")
    func caching() throws {
        let handler = try self.host.configure(
            ListAdapter.self, #"{ "entries": ["a"], "validDuration": "1m", "validUses": 9 }"#)
        for value in ["a", "b"] {
            let verdict = try handler.check(TestRecord(self.shape, [.string(value)]))
            #expect(verdict.validFor == .seconds(60) && verdict.uses == 9)
        }
    }

    @Test("Strings in any case, regular expressions in any part, and networks of addresses")
    func types() throws {
        let folded = try self.host.configure(
            ListAdapter.self, #"{ "entryType": "caseInsensitiveStrings", "entries": ["GooD"] }"#)
        #expect(try self.passes(folded, "gOOd") && !self.passes(folded, "bad"))
        let regex = try self.host.configure(
            ListAdapter.self, #"{ "entryType": "regex", "entries": ["^/api/v[0-9]+/", "(?i)health$"] }"#)
        #expect(try self.passes(regex, "/api/v12/x") && self.passes(regex, "/a/HEALTH"))
        #expect(try !self.passes(regex, "/x/api/v1/") && !self.passes(regex, "/HEALTH/API/v1"))
        let addresses = try self.host.configure(
            ListAdapter.self,
            #"{ "entryType": "addresses", "entries": ["10.1.0.0/16", "2001:db8::/32", "192.0.2.7"] }"#)
        #expect(try self.passes(addresses, "10.1.255.255") && self.passes(addresses, "2001:db8::9"))
        #expect(try self.code(addresses, .ipAddress([10, 1, 2, 3])) == 0)
        #expect(try self.code(addresses, .ipAddress([10, 2, 2, 3])) == 7)
        let version6: [UInt8] = [0x20, 1, 0x0D, 0xB8] + Array(repeating: 1, count: 12)
        #expect(try self.code(addresses, .ipAddress(version6)) == 0)
        #expect(try !self.passes(addresses, "192.0.2.8") && !self.passes(addresses, "no address"))
    }

    @Test("A file is read at the first check, and again when it changes; a bad one changes nothing")
    func file() throws {
        let folder = try TemporaryFolder()
        let handler = try self.host.configure(
            ListAdapter.self,
            #"{ "entryType": "addresses", "entries": ["10.9.9.9"], "file": "\#(folder.file("list").path)" }"#)
        #expect(throws: TestFailure.self) { try self.passes(handler, "10.0.0.1") }
        #expect(try self.passes(handler, "10.9.9.9"))
        _ = try folder.write("# some\r\n 10.0.0.0/24 \n\n10.3.0.1\n", to: "list")
        #expect(try self.passes(handler, "10.0.0.1") && !self.passes(handler, "10.0.1.1"))
        handler.tick()
        _ = try folder.write("10.0.1.0/24\n", to: "list")
        handler.tick()
        #expect(try !self.passes(handler, "10.0.0.1") && self.passes(handler, "10.0.1.1"))
        _ = try folder.write("10.0.2.0/24\n10.0.0.0/99\n", to: "list")
        handler.tick()
        #expect(try self.passes(handler, "10.0.1.1") && !self.passes(handler, "10.0.2.1"))
        #expect(self.host.log.last?.message.contains("list: line 2 must be an address or a network") == true)
        let lines = self.host.log.count
        handler.tick()
        #expect(self.host.log.count == lines)
    }

    @Test("A URL is asked every interval; what it said last holds while it is away, and over a reload")
    func url() throws {
        let backend = try RawBackend()
        let config =
            #"{ "url": "http://\#(backend.address)/list", "refreshInterval": "0s", "timeout": "20s" }"#
        let handler = try self.host.configure(ListAdapter.self, config)
        let failure = #expect(throws: TestFailure.self) { try self.passes(handler, "a") }
        #expect(failure?.problem.contains("it was not asked yet") == true)
        backend.on("/list", answer: "HTTP/1.1 200 OK\r\nETag: \"1\"\r\nContent-Length: 4\r\n\r\na\nb\n")
        handler.tick()
        #expect(try self.passes(handler, "a") && self.passes(handler, "b") && !self.passes(handler, "c"))
        backend.on("/list") { connection, head in
            let isSame = head["if-none-match"] == "\"1\""
            try connection.send(
                isSame ? "HTTP/1.1 304 No\r\n\r\n" : "HTTP/1.1 500 Bad\r\nContent-Length: 0\r\n\r\n")
            return true
        }
        handler.tick()
        #expect(self.host.log.isEmpty)
        #expect(try self.passes(handler, "a"))
        backend.on("/list", answer: "HTTP/1.1 500 Bad\r\nContent-Length: 0\r\n\r\n")
        handler.tick()
        handler.tick()
        #expect(try self.passes(handler, "a"))
        #expect(self.host.log.filter { $0.message.hasSuffix("it answered 500") }.count == 1)
        let reloaded = try TestHost().configure(ListAdapter.self, config)
        #expect(try self.passes(reloaded, "b"))
        let strict = try TestHost().configure(
            ListAdapter.self, config.replacing("\"0s\"", with: "\"0s\", \"maxAge\": \"0s\""))
        #expect(throws: TestFailure.self) { try self.passes(strict, "b") }
    }

    @Test("A URL that answers nothing costs its timeout, and nobody's check")
    func slow() throws {
        let backend = try RawBackend()
        backend.on("/list") { connection, _ in
            _ = connection.hasInput(within: 20_000)
            return false
        }
        let handler = try self.host.configure(
            ListAdapter.self, #"{ "url": "http://\#(backend.address)/list", "timeout": "50ms" }"#)
        handler.tick()
        #expect(self.host.log.last?.message.contains("timed out") == true, "\(self.host.log)")
        #expect(throws: TestFailure.self) { try self.passes(handler, "a") }
    }

    @Test("Configurations that make no sense are refused with the place")
    func refusals() {
        #expect(problem(ListAdapter.self, "{}") == "has no entries: give entries, file or url")
        #expect(
            problem(ListAdapter.self, #"{ "entryType": "regex", "entries": ["a", "(b"] }"#)
                == "/entries/1: is no regular expression: missing ): (b")
        #expect(
            problem(ListAdapter.self, #"{ "entryType": "addresses", "entries": ["10.0.0.0/33"] }"#)
                .hasPrefix("/entries/0: must be an address or a network"))
        #expect(problem(ListAdapter.self, #"{ "file": "x" }"#).hasPrefix("/file: must be an absolute path"))
        #expect(problem(ListAdapter.self, #"{ "url": "ftp://x" }"#).hasPrefix("/url: must be http://"))
        #expect(problem(ListAdapter.self, #"{ "entries": [], "validUses": 0 }"#).hasPrefix("/validUses:"))
        #expect(problem(ListAdapter.self, #"{ "entries": [], "timeout": "0s" }"#).hasPrefix("/timeout:"))
    }
}
