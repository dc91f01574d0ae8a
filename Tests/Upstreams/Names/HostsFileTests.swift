import Foundation
import Reactor
import TestSupport
import Testing

@testable import Upstreams

@Suite struct HostsFileTests {
    private let file = HostsFile(
        Array(
            """
            # A comment
            127.0.0.1\tlocalhost
            10.0.0.1  reviews.internal Reviews   # the first
            10.0.0.2 reviews.internal
            10.0.0.1 reviews.internal
            ::1 localhost ip6-localhost
            no-address a.internal
            10.0.0.300 b.internal
            10.0.0.9\r
            fe80::1%eth0 c.internal
            10.0.0.4 last.internal.
            """.utf8))

    @Test("A name has the addresses of all its lines, each once, in their order")
    func names() {
        #expect(self.file["reviews.internal"] == [.ipv4(0x0A00_0001), .ipv4(0x0A00_0002)])
        #expect(self.file["localhost"] == [.ipv4(0x7F00_0001), .ipv6(high: 0, low: 1)])
    }

    @Test("Large letters and a dot at the end make no difference")
    func spelling() {
        #expect(self.file["REVIEWS"] == [.ipv4(0x0A00_0001)])
        #expect(self.file["reviews."] == [.ipv4(0x0A00_0001)])
        #expect(self.file["last.internal"] == [.ipv4(0x0A00_0004)])
    }

    @Test(
        "Lines that are none are skipped", arguments: ["a.internal", "b.internal", "c.internal", "the", "#"])
    func skipped(name: String) { #expect(self.file[name] == nil) }

    @Test("A file that is not there, or is a folder, has no names")
    func absent() throws {
        let folder = try TemporaryFolder()
        #expect(HostsFile.read(folder.file("none").path)["localhost"] == nil)
        #expect(HostsFile.read(folder.url.path)["localhost"] == nil)
        let file = try folder.write("10.0.0.1 a\n", to: "hosts")
        #expect(HostsFile.read(file.path)["a"] == [.ipv4(0x0A00_0001)])
    }
}
