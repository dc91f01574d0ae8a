import Foundation
import Reactor
import TestSupport
import Testing

@Suite(.ownThread) struct DNSClientTests {
    private let loop: EventLoop
    private let server: DNSResponder
    private let client: DNSClient

    init() throws {
        self.loop = try EventLoop()
        self.server = try DNSResponder()
        self.client = try Self.client(self.loop, [self.server.address])
    }

    private static func client(_ loop: EventLoop, _ servers: [String]) throws -> DNSClient {
        try DNSClient(
            loop: loop, servers: servers.map { try #require(SocketAddress(parsing: $0)) },
            resolverFile: "/dev/null")
    }

    private func ask(_ name: String, _ family: AddressFamily = .ipv4, _ client: DNSClient? = nil)
        -> DNSAnswer?
    {
        var answer: DNSAnswer?
        (client ?? self.client).ask(name, family) { answer = $0 }
        #expect(answer == nil, "it is told in a later turn")
        eventually {
            self.loop.turn(wait: false)
            return answer != nil
        }
        return answer
    }

    @Test("Each family is asked for by itself, and its addresses come with their TTL")
    func families() {
        self.server.set("a.test", .addresses(["127.0.0.1", "10.0.0.2", "::1"], ttl: 77))
        #expect(self.ask("a.test") == .found([.ipv4(0x7F00_0001), .ipv4(0x0A00_0002)], ttl: 77))
        #expect(self.ask("a.test", .ipv6) == .found([.ipv6(high: 0, low: 1)], ttl: 77))
        #expect(
            self.server.questions == [.init(name: "a.test", type: "A"), .init(name: "a.test", type: "AAAA")])
    }

    @Test("No name, no address of the family, and a server that cannot tell are three things")
    func negative() {
        self.server.set("none.test", .noName)
        self.server.set("empty.test", .noData)
        self.server.set("broken.test", .code(2))
        self.server.set("refused.test", .code(5))
        #expect(self.ask("none.test") == .noName)
        #expect(self.ask("empty.test") == .noData)
        for name in ["broken.test", "refused.test"] {
            guard case .failed? = self.ask(name) else {
                Issue.record("\(name) has an answer")
                return
            }
        }
    }

    @Test("A TTL of 0 stays 0, the least of several counts, and one that is negative is 0")
    func timesToLive() throws {
        let records = try [0xFFFF_FFFF, 300].map {
            try #require(DNSResponder.record(of: "10.0.0.\($0 & 3)", "A", $0))
        }
        self.server.set("zero.test", .addresses(["127.0.0.1"], ttl: 0))
        self.server.set("long.test", .addresses(["127.0.0.1"], ttl: 0x7FFF_FFFF))
        self.server.set("negative.test", .records(records.flatMap { $0 }, count: 2))
        #expect(self.ask("zero.test") == .found([.ipv4(0x7F00_0001)], ttl: 0))
        #expect(self.ask("long.test") == .found([.ipv4(0x7F00_0001)], ttl: 0x7FFF_FFFF))
        #expect(self.ask("negative.test") == .found([.ipv4(0x0A00_0003), .ipv4(0x0A00_0000)], ttl: 0))
    }

    @Test("A chain of CNAMEs is followed to its end, with the least TTL; one that bites its tail has no end")
    func aliases() throws {
        // b.test, written out, and an address of it.
        let name: [UInt8] = [1, 0x62, 4, 0x74, 0x65, 0x73, 0x74, 0]
        let alias: [UInt8] = [0xC0, 0x0C, 0, 5, 0, 1, 0, 0, 0, 9, 0, UInt8(name.count)] + name
        let address = try #require(DNSResponder.record(of: "10.0.0.1", "A", 60)).dropFirst(2)
        self.server.set("a.test", .records(alias + name + address, count: 2))
        #expect(self.ask("a.test") == .found([.ipv4(0x0A00_0001)], ttl: 9))
        // And back to the name in the question.
        let back: [UInt8] = name + [0, 5, 0, 1, 0, 0, 0, 9, 0, 2, 0xC0, 0x0C]
        self.server.set("a.test", .records(alias + back, count: 2))
        #expect(self.ask("a.test") == .noData)
        // Records of a name that nobody asked for are nothing.
        self.server.set("a.test", .records(name + address, count: 1))
        #expect(self.ask("a.test") == .noData)
    }

    @Test(
        "An answer that is none is a failure, and harms nothing",
        arguments: [
            [], [0x81, 0x80], [0x81, 0x80, 0, 1, 0xFF, 0xFF, 0, 0, 0, 0],
            [0x81, 0x80, 0, 1, 0, 1, 0, 0, 0, 0, 0xC0, 0x0C, 0, 1, 0, 1],
        ])
    func malformed(bytes: [UInt8]) {
        self.server.set("bad.test", .bytes(bytes))
        self.server.set("good.test", .addresses(["127.0.0.1"]))
        var answers: [DNSAnswer] = []
        self.client.ask("bad.test", .ipv4) { answers.append($0) }
        // What c-ares passes over is asked again, with growing patience: the next question waits for none.
        #expect(self.ask("good.test") == .found([.ipv4(0x7F00_0001)], ttl: 60))
        #expect(answers.allSatisfy { if case .failed = $0 { true } else { false } })
    }

    @Test("An answer too long for a datagram is fetched over TCP")
    func truncated() throws {
        let addresses = (1...200).map { "10.1.0.\($0)" }
        let server = try Dnsmasq(["many.internal": addresses], ttl: 5)
        guard
            case .found(let found, let ttl)? = self.ask(
                "many.internal", .ipv4, try Self.client(self.loop, [server.address]))
        else {
            Issue.record("nothing found")
            return
        }
        #expect(ttl == 5)
        #expect(found.sorted() == (1...200).map { HostAddress.ipv4(0x0A01_0000 | UInt32($0)) })
    }

    @Test("A server that is not there is passed over for the next")
    func nextServer() throws {
        self.server.set("a.test", .addresses(["127.0.0.1"]))
        let gone = try DNSResponder()
        gone.stop()
        let client = try Self.client(self.loop, [gone.address, self.server.address])
        #expect(self.ask("a.test", .ipv4, client) == .found([.ipv4(0x7F00_0001)], ttl: 60))
    }

    @Test("A question is asked again when its answer is lost")
    func lost() {
        self.server.set("a.test", .silence)
        var answer: DNSAnswer?
        self.client.ask("a.test", .ipv4) { answer = $0 }
        eventually {
            self.loop.turn(wait: false)
            return !self.server.questions.isEmpty
        }
        self.server.set("a.test", .addresses(["127.0.0.1"]))
        eventually {
            self.loop.turn(wait: false)
            return answer != nil
        }
        #expect(answer == .found([.ipv4(0x7F00_0001)], ttl: 60))
        #expect(self.server.questions.count == 2)
    }

    @Test("A client that is closed, or goes, with questions open answers none of them")
    func closing() throws {
        self.server.set("a.test", .silence)
        var answers = 0
        self.client.ask("a.test", .ipv4) { _ in answers += 1 }
        var other: DNSClient? = try Self.client(self.loop, [self.server.address])
        other?.ask("a.test", .ipv6) { _ in answers += 1 }
        eventually {
            self.loop.turn(wait: false)
            return self.server.questions.count == 2
        }
        self.client.close()
        other = nil
        for _ in 0..<10 { self.loop.turn(wait: false) }
        #expect(answers == 0)
    }

    @Test("Servers, search domains and dots come from a file in the form of resolv.conf")
    func resolverFile() throws {
        let folder = try TemporaryFolder()
        let file = try folder.write(
            "nameserver 127.0.0.1\nsearch a.internal b.internal\noptions ndots:5\n", to: "resolv.conf")
        let client = try DNSClient(loop: self.loop, servers: [], resolverFile: file.path)
        #expect(client.searchDomains == ["a.internal", "b.internal"])
        #expect(client.dots == 5)
        let none = try DNSClient(loop: self.loop, servers: [], resolverFile: folder.file("none").path)
        #expect(none.dots == 1)
    }
}
