import Filtering
import Primitives
import Testing

@Suite struct HeaderBlockTests {
    let block = HeaderBlock(capacity: 16)

    private func add(_ name: String, _ value: String) -> HeaderEdit {
        name.withByteView { name in value.withByteView { self.block.add(name, $0) } }
    }

    private func set(_ name: String, _ value: String) -> HeaderEdit {
        name.withByteView { name in value.withByteView { self.block.set(name, $0) } }
    }

    private func first(_ name: String) -> String? {
        name.withByteView { self.block.first(named: $0)?.string }
    }

    private var lines: [String] {
        (0..<self.block.count).map {
            "\(self.block.name(self.block[$0]).string): \(self.block.value(self.block[$0]).string)"
        }
    }

    @Test("Finds fields by number and by name in any case, known or not")
    func finds() {
        #expect(self.add("Content-Type", "text/plain") == .done)
        #expect(self.add("X-Custom", "1") == .done)
        #expect(self.block.first(.contentType)?.string == "text/plain")
        #expect(self.first("content-TYPE") == "text/plain")
        #expect(self.first("x-CUSTOM") == "1")
        #expect(self.first("x-custo") == nil)
        #expect(self.block.first(.etag) == nil)
    }

    @Test("Setting replaces the first of a name and removes the others, in place")
    func sets() {
        for (name, value) in [("A", "1"), ("B", "2"), ("a", "3"), ("C", "4")] { _ = self.add(name, value) }
        #expect(self.set("a", "9") == .done)
        #expect(self.lines == ["A: 9", "B: 2", "C: 4"])
        #expect(self.set("D", "5") == .done)
        #expect(self.lines.last == "D: 5")
        #expect(self.block.set(.etag, ByteView("x")) == .done)
        #expect(self.block.set(.etag, ByteView("y")) == .done)
        #expect(self.lines.last == "etag: y")
    }

    @Test("Removing takes every field of the name")
    func removes() {
        for (name, value) in [("A", "1"), ("Etag", "2"), ("a", "3"), ("ETAG", "4")] {
            _ = self.add(name, value)
        }
        #expect(ByteView("a").string.withByteView { self.block.removeAll(named: $0) })
        #expect(!ByteView("zz").string.withByteView { self.block.removeAll(named: $0) })
        self.block.removeAll(.etag)
        #expect(self.lines.isEmpty)
    }

    @Test("No edit can split a message", arguments: ["a\r\nb", "a\nb", "a\u{0}b", "a\u{7F}"])
    func refusesValues(value: String) {
        #expect(self.add("A", value) == .invalidValue)
        _ = self.add("A", "1")
        #expect(self.set("A", value) == .invalidValue)
        #expect(self.set(":path", "/" + value) == .invalidValue)
        #expect(self.lines == ["A: 1"])
    }

    @Test("A name that is no token is refused", arguments: ["", "a b", "a:b", "a\r\nb", "é", ":nope"])
    func refusesNames(name: String) {
        #expect(self.add(name, "1") == .invalidName)
        #expect(self.set(name, "1") == .invalidName)
    }

    @Test("Pseudo-fields are read and set by their names")
    func pseudoFields() {
        for (name, value) in [
            (":path", "/a"), (":method", "PUT"), (":authority", "a:80"), (":scheme", "https"),
        ] {
            #expect(self.first(name) == nil)
            #expect(self.set(name, value) == .done)
            #expect(self.first(name) == value)
        }
        for (name, value) in [
            (":path", "a"), (":method", "a b"), (":authority", "a b"), (":scheme", "ftp"), (":status", "200"),
        ] {
            #expect(self.set(name, value) == .invalidValue)
        }
        self.block.status = 200
        #expect(self.set(":status", "404") == .done)
        #expect(self.set(":status", "99") == .invalidValue)
        #expect(self.block.status == 404)
    }

    @Test("Values that lie in the block itself survive its growth")
    func copiesItself() throws {
        _ = self.add("A", "0123456789")
        for _ in 0..<8 {
            let value = try #require(self.block.first(named: ByteView("A")))
            #expect(self.block.add(ByteView("B"), value) == .done)
        }
        for _ in 0..<8 {
            let value = try #require(self.block.first(named: ByteView("A")))
            #expect(self.block.set(ByteView("A"), value) == .done)
        }
        #expect(self.lines == ["A: 0123456789"] + Array(repeating: "B: 0123456789", count: 8))
    }

    @Test("Stops at its limits of bytes and fields")
    func limits() {
        let large = String(repeating: "x", count: 300_000)
        for _ in 0..<3 { #expect(self.set("a", large) == .done) }
        #expect(self.set("a", large) == .tooLarge)
        self.block.reset()
        for _ in 0..<HeaderBlock.fieldLimit { #expect(self.add("a", "") == .done) }
        #expect(self.add("a", "") == .tooLarge)
        #expect(self.block.count == HeaderBlock.fieldLimit)
    }

    @Test("Nothing is left after a reset")
    func resets() {
        _ = self.add("Etag", "1")
        _ = self.set(":path", "/a")
        self.block.status = 200
        self.block.reset()
        #expect(self.block.count == 0)
        #expect(self.block.first(.etag) == nil)
        #expect(self.block.path.isEmpty)
        #expect(self.block.status == 0)
    }

    @Test("What a large message took is given back")
    func shrinks() {
        #expect(self.add("x-large", String(repeating: "x", count: 100_000)) == .done)
        self.block.reset()
        #expect(self.block.arena.capacity == HeaderBlock.keptCapacity)
        #expect(self.add("x-next", "1") == .done)
        #expect(self.lines == ["x-next: 1"])
    }

    @Test("A name that lies in the block itself survives the growth that its new value needs")
    func nameInOwnArena() {
        for value in ["1", "2"] { _ = self.add("x-a", value) }
        let name = self.block.name(self.block[0])
        let value = String(repeating: "x", count: 40)
        #expect(value.withByteView { self.block.set(name, $0) } == .done)
        #expect(self.lines == ["x-a: \(value)"])
    }

    @Test("Nothing makes a request one for a tunnel, or a tunnel something else")
    func connect() {
        self.block.setMethod(self.block.copy(ByteView("GET")))
        #expect(self.set(":method", "CONNECT") == .invalidValue)
        #expect(self.set(":method", "POST") == .done)
        self.block.setMethod(self.block.copy(ByteView("CONNECT")))
        #expect(self.set(":method", "GET") == .invalidValue)
        #expect(self.set(":method", "CONNECT") == .done)
    }
}
