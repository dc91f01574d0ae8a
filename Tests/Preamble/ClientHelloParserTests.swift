import Preamble
import Primitives
import TestSupport
import Testing

@Suite struct ClientHelloParserTests {
    struct Facts: Equatable {
        var result: ClientHelloResult
        var name = ""
        var protocols: [String] = []
        var version: UInt16 = 0
    }

    private func parse(_ bytes: [UInt8], limit: Int = ClientHelloParser.defaultLimit) -> Facts {
        let (outcome, difference) = shownInEveryWay(bytes) {
            var parser = ClientHelloParser(limit: limit)
            let hello = ClientHello()
            return { shown -> Facts? in
                let result = shown.withByteView { parser.parse($0, into: hello) }
                if result == .incomplete { return nil }
                guard result == .complete else { return Facts(result: result) }
                var facts = Facts(result: result, name: hello.serverName.string)
                hello.forEachProtocol { facts.protocols.append($0.string) }
                facts.version = hello.highestVersion
                return facts
            }
        }
        #expect(difference == nil)
        return outcome ?? Facts(result: .incomplete)
    }

    private func refusal(_ hello: MadeClientHello) -> ClientHelloError? {
        if case .failed(let error) = self.parse(hello.bytes).result { error } else { nil }
    }

    @Test(
        "Finds name, protocols and version, however the message is cut into records",
        arguments: [1, 7, 64, 1 << 14])
    func facts(recordSize: Int) {
        var hello = MadeClientHello(
            name: "A.Example.COM", protocols: ["h2", "http/1.1"], versions: [0x1A1A, 0x0304, 0x0303])
        hello.recordSize = recordSize
        let expected = Facts(
            result: .complete, name: "a.example.com", protocols: ["h2", "http/1.1"], version: 0x0304)
        #expect(self.parse(hello.bytes) == expected)
        // The next records are not looked at.
        #expect(self.parse(hello.bytes + [20, 3, 3, 0, 1, 1]) == expected)
        // The order of extensions does not matter.
        hello.extensions?.reverse()
        #expect(self.parse(hello.bytes) == expected)
    }

    @Test("A client may send no name, no protocols, no extensions at all")
    func nothing() {
        #expect(self.parse(MadeClientHello().bytes) == Facts(result: .complete, version: 0x0303))
        var old = MadeClientHello()
        old.version = [3, 1]
        old.session = []
        old.extensions = nil
        #expect(self.parse(old.bytes) == Facts(result: .complete, version: 0x0301))
        old.extensions = []
        #expect(self.parse(old.bytes).result == .complete)
    }

    @Test("Tells whether a protocol is offered")
    func offers() {
        var parser = ClientHelloParser()
        let hello = ClientHello()
        let bytes = MadeClientHello(protocols: ["h2", "postgresql"]).bytes
        #expect(bytes.withByteView { parser.parse($0, into: hello) } == .complete)
        #expect(hello.offersProtocol(ByteView("postgresql")))
        #expect(hello.offersProtocol(ByteView("h2")))
        #expect(!hello.offersProtocol(ByteView("h")))
        hello.reset()
        #expect(!hello.offersProtocol(ByteView("h2")))
    }

    @Test("Needs every byte of the message")
    func incomplete() {
        let bytes = MadeClientHello(name: "a.example.com").bytes
        for count in 0..<bytes.count { #expect(self.parse(Array(bytes[..<count])).result == .incomplete) }
    }

    @Test("Refuses records that are none of a handshake")
    func records() {
        let message = MadeClientHello(name: "a").message
        let good = MadeClientHello.records(message)
        for (offset, byte): (Int, UInt8) in [(0, 23), (0, 21), (1, 2), (2, 5), (3, 0x41)] {
            var bad = good
            bad[offset] = byte
            #expect(self.parse(bad).result == .failed(.badRecord))
        }
        #expect(self.parse([22, 3, 1, 0, 0]).result == .failed(.badRecord))
        #expect(self.parse([22, 3, 1, 0x40, 1]).result == .failed(.badRecord))
        // An alert in the middle.
        let half = MadeClientHello.records(Array(message[..<50]))
        #expect(self.parse(half + [21, 3, 1, 0, 2, 1, 0]).result == .failed(.badRecord))
        // Something behind the message in its record.
        #expect(self.parse(MadeClientHello.records(message + [1])).result == .failed(.badRecord))
    }

    @Test("Refuses other messages, versions and lengths")
    func forms() {
        var message = MadeClientHello(name: "a").message
        message[0] = 2
        #expect(self.parse(MadeClientHello.records(message)).result == .failed(.notClientHello))
        var hello = MadeClientHello()
        hello.version = [2, 0]
        #expect(self.refusal(hello) == .badVersion)
        hello = MadeClientHello()
        hello.session = Array(repeating: 1, count: 33)
        #expect(self.refusal(hello) == .badLength)
        for ciphers: [UInt8] in [[], [1], [1, 2, 3]] {
            hello = MadeClientHello()
            hello.ciphers = ciphers
            #expect(self.refusal(hello) == .badLength)
        }
        hello = MadeClientHello()
        hello.compression = []
        #expect(self.refusal(hello) == .badLength)
        #expect(self.parse(MadeClientHello.records([1, 0, 0, 40])).result == .failed(.badLength))
    }

    @Test("Refuses a length that does not fit, at whatever place")
    func lengths() {
        let good = MadeClientHello(name: "a.example.com", protocols: ["h2"], versions: [0x0304])
        let message = good.message
        #expect(self.parse(MadeClientHello.records(message)).result == .complete)
        // The message says that it is shorter, or longer, than its parts make it.
        for change in [-1, -20, 1] {
            let bad = [1] + MadeClientHello.number(good.body.count + change, 3) + good.body + [0]
            #expect(self.parse(MadeClientHello.records(bad)).result == .failed(.badLength))
        }
        for (type, body): (Int, [UInt8]) in [
            (16, []), (16, [0]), (16, [0, 0]), (16, [0, 3, 2, 0x68]), (16, [0, 3, 0, 1, 0x68]),
            (16, [0, 3, 3, 0x68, 0x32]), (16, [0, 4, 2, 0x68, 0x32]), (43, []), (43, [0]), (43, [1, 3]),
            (43, [3, 3, 4, 3]), (43, [2, 3, 4, 3, 3]),
        ] {
            var hello = MadeClientHello()
            hello.extensions = [(type, body)]
            #expect(self.refusal(hello) == .badLength, "\(type) \(body)")
        }
    }

    @Test("Refuses more than one name, and names that are none of a host")
    func names() {
        let good = MadeClientHello.nameList("a.example.com")
        for body: [UInt8] in [
            [], MadeClientHello.nameList("a", type: 1), MadeClientHello.nameList(""),
            MadeClientHello.nameList("a b"), MadeClientHello.nameList("a\0b"), MadeClientHello.nameList("."),
            MadeClientHello.nameList("a."), MadeClientHello.nameList(".a"), MadeClientHello.nameList("a..b"),
            MadeClientHello.nameList("[::1]"), MadeClientHello.nameList("ä"),
            MadeClientHello.nameList(String(repeating: "a", count: 256)),
            // Two names in one list.
            MadeClientHello.number(8, 2) + [0, 0, 1, 0x61, 0, 0, 1, 0x62],
        ] {
            var hello = MadeClientHello()
            hello.extensions = [(0, body)]
            #expect(self.refusal(hello) == .badServerName, "\(body)")
        }
        var twice = MadeClientHello()
        twice.extensions = [(0, good), (0, good)]
        #expect(self.refusal(twice) == .repeatedExtension)
        var list = MadeClientHello()
        list.extensions = [(0, MadeClientHello.number(99, 2) + good.dropFirst(2))]
        #expect(self.refusal(list) == .badLength)
        for name in ["a", "1.2.3.4", "_x.a-b.c", String(repeating: "a", count: 255)] {
            #expect(self.parse(MadeClientHello(name: name).bytes).name == name)
        }
    }

    @Test("Reads no longer message than its limit")
    func limit() {
        let hello = MadeClientHello(name: "a.example.com")
        let length = hello.body.count
        #expect(self.parse(hello.bytes, limit: length).result == .complete)
        #expect(self.parse(hello.bytes, limit: length - 1).result == .failed(.tooLong))
        // Decided by the length alone: nothing is gathered.
        #expect(self.parse([22, 3, 1, 2, 0, 1, 1, 0, 0]).result == .failed(.tooLong))
    }
}
