import Foundation
import GatewayConfig
import Primitives
import Reactor
import TestSupport
import Testing

@testable import Upstreams

/// A pool whose endpoints come as lists.
@Suite(.ownThread) struct NamedPoolTests {
    private func service(
        _ mode: DNSConfiguration.Mode = .strict, port: UInt16 = 80, limit: Duration = .seconds(1)
    ) -> ServiceConfiguration {
        ServiceConfiguration(
            name: "service",
            endpoints: [EndpointConfiguration(.name(DNSName(host: "a.test", port: port)))],
            timeouts: ServiceTimeouts(connect: limit), dns: DNSConfiguration(mode: mode, family: .all))
    }

    private func list(_ service: ServiceConfiguration, _ answers: FamilyAnswers) -> EndpointList {
        var state = NameState(service.dns)
        _ = state.take(answers, isEnd: true, at: MonotonicTime(nanoseconds: 1))
        return EndpointList(service) { _ in state }
    }

    private func found(_ addresses: UInt32...) -> FamilyAnswers {
        FamilyAnswers(ipv4: .found(addresses.map { .ipv4($0) }, ttl: 1))
    }

    private func port(_ backend: RawBackend) throws -> UInt16 {
        try #require(SocketAddress(parsing: backend.address)).port
    }

    @Test("Before a name is known requests wait, and go when it is")
    func pending() throws {
        let backend = try RawBackend("hello")
        let test = try PoolUnderTest([])
        let service = try self.service(port: self.port(backend))
        test.update(service, EndpointList(service))
        let sinks = [RecordingSink(), RecordingSink()]
        for sink in sinks { test.ask(sink) }
        #expect(sinks.allSatisfy { $0.events == ["waits"] })
        test.update(service, self.list(service, self.found(0x7F00_0001)))
        test.run { sinks.allSatisfy { $0.isOver } }
        #expect(sinks[0].events == ["waits", "available", "200", "hello", "ended"])
    }

    @Test("A request that waits for a name is told why when its time is over, or nobody can tell")
    func neverKnown() throws {
        let test = try PoolUnderTest([])
        let service = self.service(limit: .milliseconds(50))
        test.update(service, EndpointList(service))
        let first = RecordingSink()
        test.ask(first)
        test.run { first.isOver }
        #expect(first.events == ["waits", "failed nameUnresolved"])
        let second = RecordingSink()
        test.ask(second)
        test.update(service, self.list(service, FamilyAnswers(ipv4: .failed("Timeout"))))
        test.run { second.isOver }
        #expect(second.events == ["waits", "failed nameUnresolved"])
        let third = RecordingSink()
        test.ask(third)
        #expect(third.events == ["failed nameUnresolved"])
        test.update(service, self.list(service, FamilyAnswers(ipv4: FamilyAnswers.Answer.none)))
        let fourth = RecordingSink()
        test.ask(fourth)
        #expect(fourth.events == ["failed noEndpoint"])
    }

    @Test("An address that has left closes its idle connections, and a busy one after its response")
    func leaving() throws {
        let backend = try RawBackend("hello")
        let gate = Gate()
        backend.on("/held") { connection, _ in
            try gate.wait()
            try connection.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
            return true
        }
        let test = try PoolUnderTest([])
        let service = try self.service(port: self.port(backend))
        test.update(service, self.list(service, self.found(0x7F00_0001)))
        let sinks = [RecordingSink(), RecordingSink()]
        test.ask(sinks[0], "/held")
        test.ask(sinks[1])
        test.run { sinks[1].isOver && gate.isWaitedFor }
        test.update(service, self.list(service, self.found(0x7F00_0002)))
        test.run { backend.connections.count { $0.isOver } == 1 }
        #expect(sinks[0].events == [])
        gate.open()
        test.run { sinks[0].isOver && test.pool.isEmpty }
        #expect(sinks[0].events == ["200", "ended"])
    }

    @Test("A logical name stays one endpoint when its addresses change, and its connections stay")
    func logical() throws {
        let backend = try RawBackend("hello")
        let test = try PoolUnderTest([])
        let service = try self.service(.logical, port: self.port(backend))
        test.update(service, self.list(service, self.found(0x7F00_0001)))
        let first = RecordingSink()
        test.ask(first)
        test.run { first.isOver }
        test.update(service, self.list(service, self.found(0x7F00_0001, 0x7F00_0009)))
        let second = RecordingSink()
        test.ask(second)
        test.run { second.isOver }
        #expect(second.events == ["200", "hello", "ended"])
        let reports = test.pool.reports
        #expect(reports.map(\.address) == ["a.test:\(try self.port(backend))"])
        #expect(reports.map(\.connectionsMade) == [1])
    }

    @Test("The next connection is tried first where the last one came about")
    func preference() throws {
        let addresses = (1...3).compactMap { SocketAddress(parsing: "127.0.0.\($0):1") }
        let endpoint = Endpoint(.init(key: "a.test:1", addresses: addresses, weight: 1), slot: 0)
        endpoint.prefer(addresses[2])
        #expect(endpoint.addresses == [addresses[2], addresses[0], addresses[1]])
        endpoint.take(.init(key: "a.test:1", addresses: addresses, weight: 7))
        #expect(endpoint.addresses[0] == addresses[2])
        #expect(endpoint.weight == 7)
        endpoint.take(.init(key: "a.test:1", addresses: Array(addresses[..<2]), weight: 7))
        #expect(endpoint.addresses == Array(addresses[..<2]))
        endpoint.prefer(addresses[2])
        #expect(endpoint.addresses == Array(addresses[..<2]))
    }
}
