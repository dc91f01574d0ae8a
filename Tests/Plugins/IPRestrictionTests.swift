internal import Filtering
internal import TestSupport
internal import Testing

@Suite struct IPRestrictionTests {
    private func passes(_ plugin: PluginUnderTest, _ address: String?) -> Bool {
        plugin.stream.texts[.sourceAddress] = address
        return plugin.request() == .continue
    }

    @Test("Only the allowed pass when there is a list of them; the denied are denied in any case")
    func lists() throws {
        let config = #"{ "allow": ["10.0.0.0/8", "2001:db8::/32", "192.0.2.7"], "deny": ["10.9.0.0/16"] }"#
        let plugin = try PluginUnderTest("ip-restriction", config)
        for address in [
            "10.0.0.0", "10.255.255.255", "10.8.9.9", "192.0.2.7", "2001:db8::1", "2001:DB8:FFFF::",
        ] {
            #expect(self.passes(plugin, address), "\(address)")
        }
        for address in [
            "9.255.255.255", "11.0.0.0", "10.9.0.0", "10.9.255.255", "192.0.2.6", "192.0.2.8", "2001:db9::",
            "2001:db7:ffff::", "::1",
        ] { #expect(!self.passes(plugin, address), "\(address)") }
        #expect(plugin.stream.responses.allSatisfy { $0.status == 403 })
        #expect(plugin.stream.responses.last?.details == "ip_restriction_refused")
    }

    @Test("With denied ones only, all others pass, unless the default says otherwise")
    func defaults() throws {
        let denying = try PluginUnderTest("ip-restriction", #"{ "deny": ["10.0.0.0/8"] }"#)
        #expect(self.passes(denying, "192.0.2.1") && !self.passes(denying, "10.1.1.1"))
        #expect(self.passes(denying, nil))
        let closed = try PluginUnderTest(
            "ip-restriction", #"{ "deny": ["10.0.0.0/8"], "default": "deny" }"#)
        #expect(!self.passes(closed, "192.0.2.1") && !self.passes(closed, nil))
        let open = try PluginUnderTest(
            "ip-restriction", #"{ "allow": ["10.0.0.0/8"], "deny": ["10.1.0.0/16"], "default": "allow" }"#)
        #expect(self.passes(open, "192.0.2.1") && !self.passes(open, "10.1.1.1"))
        let nobody = try PluginUnderTest("ip-restriction", #"{ "allow": [] }"#)
        #expect(!self.passes(nobody, "10.1.1.1"))
    }

    @Test(
        "What is no address is in no list",
        arguments: [
            nil, "", "unix", "10.0.0", "10.0.0.1.2", "10.0.0.256", "10.0.0.01", "10.0.0.1x", "1::2::3",
            "12345::", ":1", "1:2:3:4:5:6:7:8:9", "[::1", "::ffff:10.0.0.1.2",
        ])
    func noAddress(_ text: String?) throws {
        let plugin = try PluginUnderTest("ip-restriction", #"{ "allow": ["0.0.0.0/0", "::/0"] }"#)
        #expect(!self.passes(plugin, text))
    }

    @Test(
        "One address may be spelt in several ways",
        arguments: [
            "10.0.0.1", "10.0.0.1:8080", "::ffff:10.0.0.1", "[::ffff:10.0.0.1]:443", "::ffff:a00:1",
            "0:0:0:0:0:ffff:0a00:0001", "::FFFF:10.0.0.1%eth0",
        ])
    func spellings(_ text: String) throws {
        let plugin = try PluginUnderTest("ip-restriction", #"{ "allow": ["10.0.0.1"] }"#)
        #expect(self.passes(plugin, text))
        let mapped = try PluginUnderTest("ip-restriction", #"{ "deny": ["::ffff:10.0.0.0/120"] }"#)
        #expect(!self.passes(mapped, text))
    }

    @Test(
        "IPv6 addresses are read as RFC 4291 writes them",
        arguments: [
            ("::", "0:0:0:0:0:0:0:0"), ("::1", "0:0:0:0:0:0:0:1"), ("1::", "1:0:0:0:0:0:0:0"),
            ("1:2::7:8", "1:2:0:0:0:0:7:8"), ("1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"),
            ("::2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8"), ("64:ff9b::192.0.2.33", "64:ff9b:0:0:0:0:c000:221"),
            ("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "FFFF:FFFF:FFFF:FFFF:FFFF:FFFF:FFFF:FFFF"),
        ])
    func version6(_ short: String, _ long: String) throws {
        let plugin = try PluginUnderTest("ip-restriction", #"{ "allow": ["\#(long)/128"] }"#)
        #expect(self.passes(plugin, short) && self.passes(plugin, long))
    }

    @Test("Every prefix length ends where it should", arguments: 0...32)
    func prefixes(_ length: Int) throws {
        let plugin = try PluginUnderTest("ip-restriction", #"{ "allow": ["170.170.170.170/\#(length)"] }"#)
        let address: UInt32 = 0xAAAA_AAAA
        let hosts: UInt32 = length == 0 ? .max : (1 << UInt32(32 - length)) &- 1
        func text(_ bits: UInt32) -> String {
            [24, 16, 8, 0].map { String(bits >> $0 & 255) }.joined(separator: ".")
        }
        #expect(self.passes(plugin, text(address & ~hosts)) && self.passes(plugin, text(address | hosts)))
        if length > 0 {
            #expect(!self.passes(plugin, text((address & ~hosts) &- 1)))
            #expect(!self.passes(plugin, text((address | hosts) &+ 1)))
        }
    }

    @Test("Networks that overlap, touch or contain each other are one")
    func overlaps() throws {
        let config = """
            { "allow": ["10.0.2.0/24", "10.0.0.0/23", "10.0.1.128/25", "10.0.0.0/16", "255.255.255.255",
                        "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "ffff::/16"] }
            """
        let plugin = try PluginUnderTest("ip-restriction", config)
        for address in [
            "10.0.0.0", "10.0.255.255", "255.255.255.255", "ffff::1",
            "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
        ] {
            #expect(self.passes(plugin, address), "\(address)")
        }
        for address in ["9.255.255.255", "10.1.0.0", "255.255.255.254", "fffe:ffff::"] {
            #expect(!self.passes(plugin, address), "\(address)")
        }
    }

    @Test("Lists come from texts with comments, and status and message are configurable")
    func texts() throws {
        let config = #"""
            { "denyFrom": "# bad\n203.0.113.0/24 # noisy\r\n  2001:db8::/32\t\n",
              "status": 451, "message": "no",
              "by": "request.headers['x-real-ip']" }
            """#
        let plugin = try PluginUnderTest("ip-restriction", config)
        #expect(plugin.request([("x-real-ip", "203.0.113.9")]) == .responded)
        #expect(plugin.request([("x-real-ip", "2001:db8::9")]) == .responded)
        #expect(plugin.request([("x-real-ip", "203.0.114.9")]) == .continue)
        let answer = try #require(plugin.stream.responses.first)
        #expect(answer.status == 451 && String(decoding: answer.body, as: UTF8.self) == "no")
    }

    @Test(
        "A bad configuration is refused with the place",
        arguments: [
            ("{}", "restricts nothing"),
            (#"{ "allow": ["10.0.0.0/33"] }"#, "allow[0]: must be an address or a network"),
            (#"{ "allow": ["::/0", "::/129"] }"#, "allow[1]: must be an address or a network"),
            (#"{ "deny": ["10.0.0/8"] }"#, "got '10.0.0/8'"),
            (#"{ "deny": ["10.0.0.1:80"] }"#, "got '10.0.0.1:80'"),
            (#"{ "deny": ["[::1]"] }"#, "got '[::1]'"),
            (#"{ "deny": ["example.com"] }"#, "got 'example.com'"),
            (#"{ "denyFrom": "10.0.0.1\nnonsense\n" }"#, "line 2 must be an address"),
            (#"{ "denyFrom": { "file": "/nowhere/list" } }"#, "/nowhere/list"),
            (#"{ "deny": [], "status": 200 }"#, "status"),
            (#"{ "deny": [], "default": "maybe" }"#, "default"),
            (#"{ "deny": [], "by": "source.adress" }"#, "is no attribute"),
        ])
    func refused(_ config: String, _ reason: String) {
        let problems = PluginUnderTest.problems("ip-restriction", config)
        #expect(problems.contains(reason), "\(problems)")
    }
}
