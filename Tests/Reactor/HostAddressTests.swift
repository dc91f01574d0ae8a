import Reactor
import Testing

@Suite struct HostAddressTests {
    @Test("Is read from four or sixteen bytes, and from no other number")
    func bytes() {
        #expect(HostAddress(bytes: [127, 0, 0, 1]) == .ipv4(0x7F00_0001))
        let long = [0x20, 0x01, 0x0D, 0xB8] + [UInt8](repeating: 0, count: 11) + [5]
        #expect(HostAddress(bytes: long) == .ipv6(high: 0x2001_0DB8_0000_0000, low: 5))
        #expect(HostAddress(bytes: [UInt8]()) == nil)
        #expect(HostAddress(bytes: [1, 2, 3, 4, 5]) == nil)
    }

    @Test("Comes in the order of its number, IPv4 first")
    func order() {
        let sorted: [HostAddress] = [.ipv4(1), .ipv4(2), .ipv6(high: 0, low: 9), .ipv6(high: 1, low: 0)]
        #expect(sorted.reversed().sorted() == sorted)
    }

    @Test("No address, groups, everybody and addresses of one link cannot be connected to")
    func connectable() {
        let no: [HostAddress] = [
            .ipv4(0), .ipv4(0x0000_0001), .ipv4(0xE000_0001), .ipv4(0xF000_0000), .ipv4(0xFFFF_FFFF),
            .ipv6(high: 0, low: 0), .ipv6(high: 0xFF02_0000_0000_0000, low: 1),
            .ipv6(high: 0xFE80_0000_0000_0000, low: 1), .ipv6(high: 0xFEBF_0000_0000_0000, low: 1),
        ]
        #expect(no.allSatisfy { !$0.isConnectable })
        let yes: [HostAddress] = [
            .ipv4(0x7F00_0001), .ipv4(0x0100_0000), .ipv4(0xDFFF_FFFF), .ipv6(high: 0, low: 1),
            .ipv6(high: 0xFD00_0000_0000_0000, low: 1), .ipv6(high: 0xFEC0_0000_0000_0000, low: 1),
        ]
        #expect(yes.allSatisfy { $0.isConnectable })
    }
}
