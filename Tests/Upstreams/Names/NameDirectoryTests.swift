import Foundation
import GatewayConfig
import Primitives
import Reactor
import Telemetry
import TestSupport
import Testing

@testable import Upstreams

/// Names in a loop that the test turns, with a server that it programs.
@Suite(.ownThread) struct NameDirectoryTests {
    private let loop: EventLoop
    private let server: DNSResponder
    private let folder: TemporaryFolder
    private let registry = MetricRegistry()
    private let told = Told()
    private let directory: NameDirectory

    /// What was told of each service, the last at the end.
    private final class Told {
        var lists: [(service: String, keys: [String])] = []
    }

    init() throws {
        self.loop = try EventLoop()
        self.server = try DNSResponder()
        self.folder = try TemporaryFolder()
        let told = self.told
        self.directory = NameDirectory(
            self.loop, log: Log(level: .critical), registry: self.registry
        ) { told.lists.append(($0, $1.entries.map(\.key))) }
    }

    private func service(
        _ endpoints: [String], named name: String = "a", mode: DNSConfiguration.Mode = .strict,
        refresh: DNSRefresh = DNSRefresh(minimum: .milliseconds(100), maximum: .milliseconds(100))
    ) throws -> ServiceConfiguration {
        ServiceConfiguration(
            name: name,
            endpoints: endpoints.map { text in
                guard let address = ListenAddress(text) else {
                    return EndpointConfiguration(.name(DNSName(host: text, port: 80)))
                }
                return EndpointConfiguration(address)
            },
            dns: DNSConfiguration(
                mode: mode, family: .all, resolvers: [try #require(ListenAddress(self.server.address))],
                refresh: refresh, hostsPath: self.folder.file("hosts").path))
    }

    private func run(until condition: () -> Bool) {
        #expect(
            eventually {
                self.loop.turn(wait: false)
                return condition()
            })
    }

    private func adopt(_ services: ServiceConfiguration...) -> [String: [String]] {
        self.directory.adopt(services).mapValues { $0.entries.map(\.key) }
    }

    private var last: [String]? { self.told.lists.last?.keys }

    @Test("A name is pending at first, told of when it is known, and told of again only when it changes")
    func follows() throws {
        self.server.set("b.test", .addresses(["10.0.0.2", "10.0.0.1"], ttl: 0))
        #expect(try self.adopt(self.service(["127.0.0.1:1", "b.test"])) == ["a": ["127.0.0.1:1"]])
        #expect(self.directory.isSettled == false)
        self.run { self.directory.isSettled }
        #expect(self.last == ["127.0.0.1:1", "10.0.0.1:80", "10.0.0.2:80"])
        let asked = self.server.questions.count
        self.run { self.server.questions.count >= asked + 4 }
        #expect(self.told.lists.count == 1)
        self.server.set("b.test", .addresses(["10.0.0.3"], ttl: 0))
        self.run { self.told.lists.count == 2 }
        #expect(self.last == ["127.0.0.1:1", "10.0.0.3:80"])
    }

    @Test("A family that is never answered does not keep the other beyond its time")
    func silentFamily() throws {
        self.server.set("b.test", type: "A", .addresses(["10.0.0.1"], ttl: 0))
        self.server.set("b.test", type: "AAAA", .silence)
        _ = try self.adopt(self.service(["b.test"]))
        func asked(_ type: String) -> Int { self.server.questions.count { $0.type == type } }
        self.run { asked("A") >= 5 }
        // A question without an answer is asked four times, in 15 seconds, before it has failed.
        #expect(asked("AAAA") < 2 * asked("A"))
        #expect(self.last == ["10.0.0.1:80"])
    }

    @Test("With the server away the addresses stay; when it is back they are followed again")
    func away() throws {
        self.server.set("b.test", .addresses(["10.0.0.1"], ttl: 0))
        _ = try self.adopt(self.service(["b.test"]))
        self.run { self.last == ["10.0.0.1:80"] }
        self.server.set("b.test", .code(2))
        self.run { self.directory.reports.first?.failures ?? 0 >= 3 }
        #expect(self.told.lists.count == 1)
        let report = try #require(self.directory.reports.first)
        #expect((report.state, report.addresses) == (.failing, ["10.0.0.1:80"]))
        #expect(report.lastFailure != nil)
        self.server.set("b.test", .addresses(["10.0.0.2"], ttl: 0))
        self.run { self.last == ["10.0.0.2:80"] }
        #expect(self.directory.reports.first?.state == .resolved)
    }

    @Test("That a strict name has gone takes its endpoints away; a logical one keeps them")
    func gone() throws {
        self.server.set("b.test", .addresses(["10.0.0.1"], ttl: 0))
        _ = try self.adopt(
            self.service(["b.test"], named: "strict"),
            self.service(["b.test"], named: "logical", mode: .logical))
        self.run { self.told.lists.count == 2 }
        self.server.set("b.test", .noName)
        self.run { self.told.lists.count == 3 }
        #expect(self.told.lists[2].service == "strict")
        #expect(self.told.lists[2].keys == [])
        let asked = self.server.questions.count
        self.run { self.server.questions.count >= asked + 8 }
        #expect(self.told.lists.count == 3)
    }

    @Test("A service whose new name is not known yet keeps what it had, also when nobody can tell")
    func warming() throws {
        #expect(try self.adopt(self.service(["127.0.0.1:1"])) == ["a": ["127.0.0.1:1"]])
        self.server.set("b.test", .code(2))
        #expect(try self.adopt(self.service(["b.test"])) == ["a": ["127.0.0.1:1"]])
        self.run { self.directory.reports.first?.failures ?? 0 >= 2 }
        #expect(self.told.lists.allSatisfy { $0.keys == ["127.0.0.1:1"] })
        self.server.set("b.test", .addresses(["10.0.0.1"]))
        self.run { self.last == ["10.0.0.1:80"] }
    }

    @Test("A reload that leaves a name leaves what is known of it, and one that drops it asks no more")
    func reload() throws {
        self.server.set("b.test", .addresses(["10.0.0.1"]))
        self.server.set("c.test", .addresses(["10.0.0.2"]))
        let slow = DNSRefresh(minimum: .seconds(300), maximum: .seconds(300))
        _ = try self.adopt(self.service(["b.test"], refresh: slow))
        self.run { self.directory.isSettled }
        #expect(try self.adopt(self.service(["b.test", "c.test"], refresh: slow)) == ["a": ["10.0.0.1:80"]])
        self.run { self.last == ["10.0.0.1:80", "10.0.0.2:80"] }
        #expect(self.server.questions.count { $0.name == "b.test" } == 2)
        #expect(try self.adopt(self.service(["127.0.0.1:1"])) == ["a": ["127.0.0.1:1"]])
        #expect(self.directory.files.isEmpty)
        #expect(self.directory.reports.isEmpty)
    }

    @Test("Services that resolve a name in the same way ask for it once")
    func shared() throws {
        self.server.set("b.test", .addresses(["10.0.0.1"]))
        let slow = DNSRefresh(minimum: .seconds(300), maximum: .seconds(300))
        _ = try self.adopt(
            self.service(["b.test"], named: "a", refresh: slow),
            self.service(["b.test"], named: "b", refresh: slow))
        self.run { self.told.lists.count == 2 }
        #expect(self.server.questions.count == 2)
        #expect(Set(self.told.lists.map(\.service)) == ["a", "b"])
    }

    @Test("A file of names comes before the servers, is known at once, and is read again")
    func hosts() throws {
        _ = try self.folder.write("10.0.0.7 b.test\n::1 b.test\n", to: "hosts")
        #expect(try self.adopt(self.service(["b.test"])) == ["a": ["10.0.0.7:80", "[::1]:80"]])
        #expect(self.directory.isSettled)
        #expect(self.directory.files == [self.folder.file("hosts").path])
        _ = try self.folder.write("10.0.0.8 b.test\n", to: "hosts")
        self.directory.lookUpAgain()
        #expect(self.last == ["10.0.0.8:80"])
        #expect(self.server.questions.isEmpty)
        self.server.set("b.test", .addresses(["10.0.0.9"]))
        _ = try self.folder.write("", to: "hosts")
        self.directory.lookUpAgain()
        self.run { self.last == ["10.0.0.9:80"] }
    }

    @Test("No server is asked for localhost")
    func localhost() throws {
        #expect(
            try self.adopt(self.service(["localhost", "a.localhost"]))
                == ["a": ["127.0.0.1:80", "[::1]:80", "127.0.0.1:80", "[::1]:80"]])
        #expect(self.server.questions.isEmpty)
    }

    @Test("When one family is silent the other is used without it")
    func slowFamily() throws {
        self.server.set("b.test", .addresses(["10.0.0.1"]))
        self.server.set("b.test", type: "AAAA", .silence)
        _ = try self.adopt(self.service(["b.test"]))
        self.run { self.last == ["10.0.0.1:80"] }
        #expect(self.directory.isSettled == false)
    }

    @Test("Addresses that nobody can connect to are no endpoints")
    func unusable() throws {
        self.server.set("b.test", .addresses(["0.0.0.0", "224.0.0.1", "255.255.255.255", "::", "10.0.0.1"]))
        _ = try self.adopt(self.service(["b.test"]))
        self.run { self.directory.isSettled }
        #expect(self.last == ["10.0.0.1:80"])
    }
}
