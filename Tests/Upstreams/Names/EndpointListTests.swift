import GatewayConfig
import Primitives
import Reactor
import Testing

@testable import Upstreams

@Suite struct EndpointListTests {
    private func service(_ mode: DNSConfiguration.Mode, _ family: DNSConfiguration.Family = .all)
        throws -> ServiceConfiguration
    {
        ServiceConfiguration(
            name: "a",
            endpoints: [
                EndpointConfiguration(try #require(ListenAddress("127.0.0.1:1")), weight: 2),
                EndpointConfiguration(.name(DNSName(host: "b.internal", port: 80)), weight: 5),
            ], dns: DNSConfiguration(mode: mode, family: family))
    }

    private func state(_ service: ServiceConfiguration, _ answers: FamilyAnswers) -> NameState {
        var state = NameState(service.dns)
        _ = state.take(answers, isEnd: true, at: MonotonicTime(nanoseconds: 1))
        return state
    }

    private let both = FamilyAnswers(
        ipv4: .found([.ipv4(0x7F00_0002), .ipv4(0x7F00_0001)], ttl: 1),
        ipv6: .found([.ipv6(high: 0, low: 1)], ttl: 1))

    @Test("Each address of a strict name is an endpoint with the weight of the name")
    func strict() throws {
        let service = try self.service(.strict)
        let list = EndpointList(service) { _ in self.state(service, self.both) }
        #expect(list.entries.map(\.key) == ["127.0.0.1:1", "127.0.0.1:80", "127.0.0.2:80", "[::1]:80"])
        #expect(list.entries.map(\.weight) == [2, 5, 5, 5])
        #expect(list.entries.allSatisfy { $0.addresses.map(\.description) == [$0.key] })
        #expect((list.isPending, list.isUnresolved) == (false, false))
    }

    @Test("A logical name is one endpoint, whose addresses take turns, IPv6 first")
    func logical() throws {
        let service = try self.service(.logical)
        let list = EndpointList(service) { _ in self.state(service, self.both) }
        #expect(list.entries.map(\.key) == ["127.0.0.1:1", "b.internal:80"])
        #expect(
            list.entries[1].addresses.map(\.description) == ["[::1]:80", "127.0.0.1:80", "127.0.0.2:80"])
    }

    @Test("Of a strict name with both families IPv4 is used when there is a way to it")
    func automatic() throws {
        let service = try self.service(.strict, .auto)
        func keys(_ answers: FamilyAnswers) -> [String] {
            EndpointList(service) { _ in self.state(service, answers) }.entries.dropFirst().map(\.key)
        }
        #expect(keys(self.both) == ["127.0.0.1:80", "127.0.0.2:80"])
        #expect(keys(FamilyAnswers(ipv4: FamilyAnswers.Answer.none, ipv6: self.both.ipv6)) == ["[::1]:80"])
        // Nobody is the way to 255.255.255.255 for a socket that may not broadcast.
        let nowhere = FamilyAnswers(ipv4: .found([.ipv4(0xFFFF_FFFF)], ttl: 1), ipv6: self.both.ipv6)
        #expect(keys(nowhere) == ["[::1]:80"])
    }

    @Test("A name that nobody has looked up is pending; one that failed is unresolved; none is neither")
    func unknown() throws {
        let service = try self.service(.strict)
        let pending = EndpointList(service) { _ in nil }
        let fresh = EndpointList(service) { _ in NameState(service.dns) }
        let failed = EndpointList(service) { _ in
            self.state(service, FamilyAnswers(ipv4: .failed("Timeout")))
        }
        let gone = EndpointList(service) { _ in
            self.state(
                service, FamilyAnswers(ipv4: FamilyAnswers.Answer.none, ipv6: FamilyAnswers.Answer.none))
        }
        #expect([pending, fresh, failed, gone].map(\.isPending) == [true, true, false, false])
        #expect([pending, fresh, failed, gone].map(\.isUnresolved) == [false, false, true, false])
        #expect([pending, fresh, failed, gone].allSatisfy { $0.entries.map(\.key) == ["127.0.0.1:1"] })
    }
}
