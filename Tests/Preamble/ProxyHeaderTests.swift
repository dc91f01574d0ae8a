import Preamble
import Primitives
import Testing

@Suite struct ProxyHeaderTests {
    private func read(_ bytes: [UInt8]) throws -> ProxyHeaderResult {
        let (outcome, difference) = shownInEveryWay(bytes) {
            { shown in
                let result = shown.withByteView { ProxyHeader.read($0) }
                return result == .incomplete ? nil : result
            }
        }
        #expect(difference == nil)
        return outcome ?? .incomplete
    }

    private func read(_ text: String) throws -> ProxyHeaderResult { try self.read(Array(text.utf8)) }

    private func place(_ address: String, _ port: UInt16) throws -> ProxyHeader.Place {
        ProxyHeader.Place(try #require(address.withByteView { IPAddress($0) }), port: port)
    }

    private func header(_ source: String, _ destination: String) throws -> ProxyHeader {
        ProxyHeader(
            .addresses(
                source: try self.place(source, 56324), destination: try self.place(destination, 443)))
    }

    private func written(_ header: ProxyHeader, _ version: ProxyHeader.Version) -> [UInt8] {
        let buffer = ByteBuffer(capacity: 16)
        header.write(version, to: buffer)
        return buffer.view.bytes
    }

    private func binary(_ command: UInt8, _ family: UInt8, _ body: [UInt8], length: Int? = nil) -> [UInt8] {
        let length = length ?? body.count
        return Array("\r\n\r\n\0\r\nQUIT\n".utf8)
            + [command, family, UInt8(length >> 8), UInt8(length & 0xFF)] + body
    }

    @Test("Reads a line of version 1 and leaves what follows")
    func line() throws {
        let text = "PROXY TCP4 192.0.2.7 198.51.100.1 56324 443\r\n"
        #expect(
            try self.read(text + "GET") == .complete(try self.header("192.0.2.7", "198.51.100.1"), bytes: 45))
        let longest =
            "PROXY TCP6 ffff:f:f:f:f:f:f:ffff 2001:db8::1 56324 443\r\n"
        #expect(
            try self.read(longest)
                == .complete(
                    try self.header("ffff:f:f:f:f:f:f:ffff", "2001:db8::1"), bytes: longest.utf8.count))
        #expect(try self.read("PROXY UNKNOWN\r\n") == .complete(ProxyHeader(.own), bytes: 15))
        #expect(try self.read("PROXY UNKNOWN a b \u{1}c\r\nx") == .complete(ProxyHeader(.own), bytes: 22))
        for cut in [0, 1, 6, 10, 20, 44] {
            #expect(try self.read(String(text.unicodeScalars.prefix(cut))) == .incomplete)
        }
    }

    @Test(
        "Refuses a line that is not exactly as the specification has it",
        arguments: [
            ("GET / HTTP/1.1\r\n", ProxyHeaderError.noSignature),
            ("PROXYTCP4 1.1.1.1 2.2.2.2 1 2\r\n", .noSignature),
            ("PROXY UDP4 1.1.1.1 2.2.2.2 1 2\r\n", .badProtocol),
            ("PROXY  TCP4 1.1.1.1 2.2.2.2 1 2\r\n", .badProtocol),
            ("PROXY TCP4\r\n", .badLine),
            ("PROXY TCP4 1.1.1.1 2.2.2.2 1 2\n", .badAddress),
            ("PROXY TCP4 1.1.1.1 2.2.2.2 1 2\r ", .badLine),
            ("PROXY TCP4 1.1.1.1 2.2.2.2 1 2 3\r\n", .badAddress),
            ("PROXY TCP4 1.1.1.1  2.2.2.2 1 2\r\n", .badAddress),
            ("PROXY TCP4 1.1.1.256 2.2.2.2 1 2\r\n", .badAddress),
            ("PROXY TCP4 ::1 2.2.2.2 1 2\r\n", .badAddress),
            ("PROXY TCP6 1.1.1.1 ::1 1 2\r\n", .badAddress),
            ("PROXY TCP4 1.1.1.1 2.2.2.2 01 2\r\n", .badAddress),
            ("PROXY TCP4 1.1.1.1 2.2.2.2 1 65536\r\n", .badAddress),
            ("PROXY TCP4 1.1.1.1 2.2.2.2 1\r\n", .badAddress),
            ("PROXY TCP4 1.1.1.1 2.2.2.2 -1 2\r\n", .badAddress),
        ] as [(String, ProxyHeaderError)]
    )
    func badLine(text: String, error: ProxyHeaderError) throws {
        #expect(try self.read(text) == .failed(error))
    }

    @Test("Reads no more than 107 bytes of a line")
    func lineLimit() throws {
        let most = "PROXY UNKNOWN " + String(repeating: "x", count: 91) + "\r\n"
        #expect(most.utf8.count == 107)
        #expect(try self.read(most) == .complete(ProxyHeader(.own), bytes: 107))
        let more = "PROXY UNKNOWN " + String(repeating: "x", count: 92) + "\r\n"
        #expect(try self.read(more) == .failed(.badLine))
        #expect(try self.read("PROXY TCP4 " + String(repeating: "1", count: 200)) == .failed(.badLine))
    }

    @Test("Reads version 2 for IPv4, IPv6 and Unix sockets")
    func binary() throws {
        let four = self.binary(0x21, 0x11, [192, 0, 2, 7, 198, 51, 100, 1, 0xDC, 0x04, 0x01, 0xBB])
        #expect(
            try self.read(four + [1]) == .complete(try self.header("192.0.2.7", "198.51.100.1"), bytes: 28))
        let source: [UInt8] = [0x20, 1, 0x0D, 0xB8] + Array(repeating: 0, count: 11) + [1]
        let target: [UInt8] = [0x20, 1, 0x0D, 0xB8] + Array(repeating: 0, count: 11) + [2]
        let six = self.binary(0x21, 0x21, source + target + [0xDC, 0x04, 0x01, 0xBB])
        #expect(
            try self.read(six) == .complete(try self.header("2001:db8::1", "2001:db8::2"), bytes: 52))
        let unix = self.binary(0x21, 0x31, Array(repeating: 0x2F, count: 216))
        #expect(try self.read(unix) == .complete(ProxyHeader(.unix), bytes: 232))
    }

    @Test("A LOCAL header, and one without a family, leave the connection its own addresses")
    func local() throws {
        #expect(try self.read(self.binary(0x20, 0x00, [])) == .complete(ProxyHeader(.own), bytes: 16))
        // Whatever it says of addresses is not believed.
        #expect(
            try self.read(self.binary(0x20, 0x11, Array(repeating: 9, count: 12)))
                == .complete(ProxyHeader(.own), bytes: 28))
        #expect(try self.read(self.binary(0x20, 0x11, [1, 2, 3])) == .complete(ProxyHeader(.own), bytes: 19))
        #expect(try self.read(self.binary(0x21, 0x00, [1, 2, 3])) == .complete(ProxyHeader(.own), bytes: 19))
    }

    @Test("Skips TLVs, which must fill the rest exactly")
    func extensions() throws {
        let addresses: [UInt8] = [192, 0, 2, 7, 198, 51, 100, 1, 0xDC, 0x04, 0x01, 0xBB]
        let header = try self.header("192.0.2.7", "198.51.100.1")
        let alpn: [UInt8] = [0x01, 0, 2, 0x68, 0x32]
        let padding: [UInt8] = [0x04, 1, 0] + Array(repeating: 0, count: 256)
        #expect(
            try self.read(self.binary(0x21, 0x11, addresses + alpn + padding + [0x05, 0, 0]))
                == .complete(header, bytes: 28 + 5 + 259 + 3))
        for bad: [UInt8] in [[0x01], [0x01, 0], [0x01, 0, 3, 1, 2], alpn + [0x20, 0]] {
            #expect(try self.read(self.binary(0x21, 0x11, addresses + bad)) == .failed(.badLength))
        }
    }

    @Test("Refuses what the specification does not have, and more than it takes")
    func badBinary() throws {
        let addresses = [UInt8](repeating: 1, count: 12)
        #expect(try self.read("\r\n\r\nGET / HTTP/1.1\r\n") == .failed(.noSignature))
        #expect(try self.read(self.binary(0x11, 0x11, addresses)) == .failed(.badCommand))
        #expect(try self.read(self.binary(0x22, 0x11, addresses)) == .failed(.badCommand))
        #expect(try self.read(self.binary(0x21, 0x41, addresses)) == .failed(.badFamily))
        #expect(try self.read(self.binary(0x21, 0x13, addresses)) == .failed(.badFamily))
        #expect(try self.read(self.binary(0x21, 0x12, addresses)) == .failed(.notAStream))
        #expect(try self.read(self.binary(0x21, 0x11, [1, 2, 3])) == .failed(.badLength))
        #expect(try self.read(self.binary(0x21, 0x21, addresses)) == .failed(.badLength))
        #expect(try self.read(self.binary(0x21, 0x11, [], length: 4081)) == .failed(.tooLong))
        #expect(try self.read(self.binary(0x20, 0x00, [], length: 4080)) == .incomplete)
    }

    @Test(
        "What is written in either version is read as the same", arguments: [ProxyHeader.Version.one, .two])
    func roundTrip(version: ProxyHeader.Version) throws {
        for header in [
            try self.header("192.0.2.7", "198.51.100.1"), try self.header("2001:db8::1", "::1"),
            ProxyHeader(.own),
        ] {
            let bytes = self.written(header, version)
            #expect(try self.read(bytes) == .complete(header, bytes: bytes.count))
        }
    }

    @Test("Is written as HAProxy writes it")
    func written() throws {
        let header = try self.header("192.0.2.7", "198.51.100.1")
        #expect(
            String(decoding: self.written(header, .one), as: UTF8.self)
                == "PROXY TCP4 192.0.2.7 198.51.100.1 56324 443\r\n")
        #expect(
            self.written(header, .two)
                == self.binary(0x21, 0x11, [192, 0, 2, 7, 198, 51, 100, 1, 0xDC, 0x04, 0x01, 0xBB]))
        #expect(self.written(ProxyHeader(.own), .two) == self.binary(0x20, 0, []))
        #expect(self.written(ProxyHeader(.unix), .two) == self.binary(0x21, 0, []))
        #expect(
            String(decoding: self.written(ProxyHeader(.unix), .one), as: UTF8.self) == "PROXY UNKNOWN\r\n")
    }

    @Test("Addresses of two families are written as IPv6 both")
    func mixed() throws {
        let header = try self.header("192.0.2.7", "2001:db8::1")
        let text = String(decoding: self.written(header, .one), as: UTF8.self)
        #expect(text == "PROXY TCP6 ::ffff:192.0.2.7 2001:db8::1 56324 443\r\n")
        let same = try self.header("::ffff:192.0.2.7", "2001:db8::1")
        #expect(try self.read(text) == .complete(same, bytes: text.utf8.count))
        #expect(try self.read(self.written(header, .two)) == .complete(same, bytes: 52))
    }
}
