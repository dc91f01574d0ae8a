internal import CPosternABI
internal import Filtering
internal import Foundation
internal import Primitives
internal import TestSupport
internal import Testing
@testable internal import PluginHost

/// What a C filter can do, and what the host makes of its mistakes.
@Suite struct NativeBridgeTests {
    /// A file of its own for each test, so that no test sees another's globals.
    let plugin: CompiledPlugin

    init() throws { self.plugin = try CompiledPlugin("PluginHost/Fixtures/c-filter.c") }

    func image() throws -> PluginImage {
        try PluginImage.load(self.plugin.file, origin: self.plugin.file, digest: "c-filter")
    }

    func chain() throws -> PluginChain { try PluginChain(self.image(), "{}", slot: 3) }

    /// A global of the fixture.
    func counter(_ name: String) throws -> Int32 {
        let handle = try #require(dlopen(self.plugin.file, RTLD_NOW | RTLD_LOCAL))
        let symbol = try #require(dlsym(handle, name))
        return symbol.load(as: Int32.self)
    }

    @Test("The three kinds of state live as long as they must and no longer")
    func lifetimes() throws {
        func counts() throws -> [Int32] {
            try ["live_configs", "live_workers", "live_streams"].map(self.counter)
        }
        let before = try counts()
        var chain: PluginChain? = try self.chain()
        #expect(try counts() == before.map { $0 + 1 })
        chain?.close()
        #expect(try counts() == [before[0] + 1, before[1] + 1, before[2]])
        chain = nil
        #expect(try counts() == before)
    }

    @Test("Fields are read, set, added and removed by number, whatever their case")
    func fields() throws {
        let chain = try self.chain()
        #expect(chain.request([("x-GENERATION", "old"), ("cookie", "a=b")], path: "/fields") == .continue)
        #expect(chain.stream.request.pairs == [["x-GENERATION", "1"], ["x-tag", "c"]])
        #expect(chain.stream.request.path.string == "/changed")
    }

    @Test("A value that would split the message is refused and changes nothing")
    func splitting() throws {
        let chain = try self.chain()
        #expect(chain.request(path: "/split") == .continue)
        #expect(chain.stream.request.pairs == [["x-generation", "1"]])
    }

    @Test("A length that no memory has, and a response that is not there yet, are refused")
    func impossibleArguments() throws {
        let chain = try self.chain()
        let stream = OpaquePointer(chain.slot.state)
        let headers = headersInterface()
        let byte: [UInt8] = [0x61]
        byte.withUnsafeBufferPointer { bytes in
            let text = postern_bytes(ptr: bytes.baseAddress, len: 1)
            let endless = postern_bytes(ptr: bytes.baseAddress, len: -1)
            let bad = postern_status(POSTERN_BAD_ARGUMENT)
            #expect(headers.set_named(stream, 0, text, endless) == bad)
            #expect(headers.set_named(stream, 0, endless, text) == bad)
            #expect(headers.add_named(stream, 1, text, text) == postern_status(POSTERN_WRONG_PHASE))
            var response = postern_local_response()
            response.size = MemoryLayout<postern_local_response>.size
            response.status = 200
            response.field_count = -1
            #expect(streamInterface().respond(stream, &response) == bad)
        }
        #expect(chain.stream.request.pairs.isEmpty)
    }

    @Test("Attributes are read by what they were compiled to")
    func attributes() throws {
        let chain = try self.chain()
        #expect(chain.request([("X-User", "jason")], path: "/attribute") == .continue)
        #expect(chain.stream.request.pairs.last == ["x-tag", "jason"])
        chain.stream.integers[.responseCode] = 204
        #expect(chain.response(status: 204) == .continue)
        #expect(chain.stream.response.status == 299)
    }

    @Test("Another thread posts work to a paused stream, which goes on")
    func post() throws {
        let chain = try self.chain()
        let released = try self.counter("released")
        #expect(chain.request(path: "/post") == .pause)
        #expect(chain.stream.resumed.isEmpty)
        #expect(chain.worker.runPosted() == 1)
        #expect(chain.stream.request.pairs.last == ["x-posted", "yes"])
        #expect(chain.stream.resumed.map(\.slot) == [3])
        #expect(try self.counter("released") == released + 1)
    }

    @Test("Work for a stream that is over is dropped and released")
    func postTooLate() throws {
        let chain = try self.chain()
        let released = try self.counter("released")
        #expect(chain.request(path: "/post") == .pause)
        // The filter's slot is closed before the host forgets the stream.
        chain.filter.close(chain.stream, chain.slot)
        chain.worker.runPosted()
        #expect(try self.counter("ran") == 0)
        #expect(try self.counter("released") == released + 1)
        chain.filter.open(chain.stream, chain.slot)
    }

    @Test("An id that was never given out, or whose stream is over, names nothing")
    func deadIDs() throws {
        let chain = try self.chain()
        _ = chain.request(path: "/post")
        chain.worker.runPosted()
        chain.close()
        let directory = StreamDirectory.shared
        for id in [0, 1, UInt64.max, 1 << 32] {
            directory.post(id, PostedCall(work: nil, user: nil, release: nil))
        }
        #expect(chain.worker.runPosted() == 0)
    }

    @Test("An answer counts whatever the hook returns; claiming one without giving it is a failure")
    func answers() throws {
        let chain = try self.chain()
        #expect(chain.request(path: "/respond") == .responded)
        #expect(chain.stream.responses.map(\.status) == [418])
        #expect(chain.stream.responses.first?.body == Array("tea".utf8))
        #expect(chain.request(path: "/respond-badly") == .continue)
        #expect(chain.request(path: "/responded") == .failed)
        #expect(chain.stream.responses.count == 1)
    }

    @Test("An action that the host does not know, or that the hook may not take, is a failure")
    func actions() throws {
        let chain = try self.chain()
        #expect(chain.request(path: "/unknown") == .failed)
        #expect(chain.request(path: "/buffer") == .buffer)
        let action = chain.stream.withBody(Array("abc".utf8)) {
            chain.filter.requestBody(chain.stream, chain.slot, endOfStream: false)
        }
        #expect(action == .failed)
    }

    @Test("A body is seen and replaced in its hook and nowhere else")
    func bodies() throws {
        let chain = try self.chain()
        #expect(chain.request(path: "/body-in-head") == .continue)
        for text in ["abc", "de"] {
            let action = chain.stream.withBody(Array(text.utf8)) {
                chain.filter.requestBody(chain.stream, chain.slot, endOfStream: true)
            }
            #expect(action == .continue)
        }
        #expect(chain.stream.replacedBodies == [Array("ABC".utf8), Array("DE".utf8)])
        let size = try #require(chain.host.metric(filter: "test", name: "size_bytes"))
        #expect(chain.worker.observations[size] == [3, 5], "the stream's state lives between hooks")
    }

    @Test("Metrics and log lines reach the host under the filter's name")
    func telemetry() throws {
        let chain = try self.chain()
        _ = chain.request(path: "/log")
        let seen = try #require(chain.host.metric(filter: "test", name: "seen_total"))
        #expect(chain.worker.counters[seen] == 2)
        #expect(chain.host.lines.map { [$0.filter, $0.message] } == [["test", "from C"]])
    }

    @Test("A stream that a filter kept past its end is not touched")
    func useAfterClose() throws {
        let chain = try self.chain()
        _ = chain.request(path: "/stash")
        chain.filter.close(chain.stream, chain.slot)
        let other = try self.chain()
        #expect(other.request(path: "/use-stash") == .continue)
        chain.filter.open(chain.stream, chain.slot)
    }

    @Test("The numbers of field names are the same on both sides of the ABI")
    func headerNumbers() throws {
        for (number, name) in HeaderID.names.enumerated() where number > 0 {
            #expect(HeaderNames.intern(ByteView(name)) == UInt32(number))
        }
        let header = try String(
            contentsOfFile: "\(CompiledPlugin.include)/postern_http_filter.h", encoding: .utf8)
        for (number, name) in HeaderID.names.enumerated() where number > 0 {
            let constant = "\(name)".uppercased().replacingOccurrences(of: "-", with: "_")
            #expect(header.contains("POSTERN_HEADER_\(constant) = \(number),"))
        }
    }
}
