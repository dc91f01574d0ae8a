internal import Filtering
internal import Foundation
internal import Primitives
internal import TestSupport
internal import Testing
@testable internal import PluginHost

/// What a C filter can wait for, and what becomes of what it handed over.
@Suite struct WaitingFilterTests {
    let plugin: CompiledPlugin

    init() throws { self.plugin = try CompiledPlugin("PluginHost/Fixtures/async-filter.c") }

    private func chain() throws -> PluginChain {
        let image = try PluginImage.load(self.plugin.file, origin: self.plugin.file, digest: self.plugin.file)
        return try PluginChain(image, "{}", slot: 1)
    }

    /// A global of the fixture.
    private func counter(_ name: String) throws -> Int32 {
        let handle = try #require(dlopen(self.plugin.file, RTLD_NOW | RTLD_LOCAL))
        return try #require(dlsym(handle, name)).load(as: Int32.self)
    }

    private func answer(_ status: Int, _ body: String, _ chain: PluginChain) {
        let head = HeaderBlock()
        head.status = status
        _ = head.add(.contentType, ByteView("text/plain"))
        body.withByteView {
            chain.worker.answer(.answer(head: head, body: $0, trailers: HeaderBlock(capacity: 16)))
        }
    }

    @Test("A callout is sent whole, and its answer wakes the filter once")
    func callout() throws {
        let chain = try self.chain()
        #expect(chain.request(path: "/callout") == .pause)
        let callout = try #require(chain.worker.callouts.first).callout
        #expect(callout.service == "auth" && callout.timeout == 1_000_000_000)
        #expect(callout.head.method == "POST" && callout.head.path == "/check")
        #expect(callout.head.authority == "auth")
        #expect(callout.head.pairs == [["x-asked", "yes"]])
        #expect(String(decoding: callout.body, as: UTF8.self) == "who")
        self.answer(200, "fine", chain)
        #expect(chain.stream.request.pairs == [["x-answer", "0 200 fine 1"]])
        #expect(chain.stream.resumed.map(\.slot) == [1])
        #expect(try self.counter("called") == 1 && self.counter("released") == 1)
    }

    @Test("A filter can answer the request when its service says no, and learns why there was no answer")
    func refusal() throws {
        let chain = try self.chain()
        _ = chain.request(path: "/callout")
        self.answer(403, "no", chain)
        #expect(chain.stream.responses.map(\.details) == ["denied"])
        _ = chain.request(path: "/callout")
        chain.worker.answer(.failed(.timedOut))
        #expect(chain.stream.request.pairs == [["x-answer", "2 0  0"]])
    }

    @Test("What is cancelled or malformed is released and never called")
    func cancelled() throws {
        let chain = try self.chain()
        #expect(chain.request(path: "/cancel") == .continue)
        #expect(chain.request(path: "/bad-callout") == .continue)
        #expect(chain.request(path: "/both") == .continue)
        #expect(chain.worker.callouts.isEmpty)
        #expect(try self.counter("called") == 0 && self.counter("released") == 3)
    }

    @Test("A service that is gone is no callout")
    func noService() throws {
        let chain = try self.chain()
        chain.worker.services = []
        #expect(chain.request(path: "/callout") == .failed)
        #expect(try self.counter("released") == 1)
    }

    @Test("A timer wakes a stream, and one of the worker's comes without a stream")
    func timers() throws {
        let chain = try self.chain()
        #expect(chain.request(path: "/timer") == .pause)
        chain.worker.advance(byNanoseconds: 4_999_999)
        #expect(chain.stream.resumed.isEmpty)
        #expect(try self.counter("worker_ticks") == 1)
        chain.worker.advance(byNanoseconds: 1)
        #expect(chain.stream.request.pairs == [["x-woken", "timer"]])
    }

    @Test("A watched descriptor reaches the worker's filter until it leaves")
    func watch() throws {
        var chain: PluginChain? = try self.chain()
        let worker = try #require(chain).worker
        worker.descriptorsReady([.readable, .closed])
        #expect(try self.counter("ready_events") == 5)
        #expect(worker.pendingCount == 2)
        chain = nil
        #expect(worker.pendingCount == 0)
        #expect(try self.counter("released") == 2)
    }

    @Test("Blocking work runs elsewhere, then its stream goes on; a stream that is over is left alone")
    func offload() throws {
        let chain = try self.chain()
        #expect(chain.request(path: "/offload") == .pause)
        #expect(chain.worker.runPosted() == 0)
        chain.host.runOffloaded()
        #expect(chain.worker.runPosted() == 1)
        #expect(chain.stream.request.pairs == [["x-woken", "hashed"]])
        _ = chain.request(path: "/offload")
        chain.close()
        chain.host.runOffloaded()
        chain.worker.runPosted()
        #expect(try self.counter("called") == 1 && self.counter("released") == 2)
    }

    @Test("The shared store counts, compares and forgets")
    func store() throws {
        let chain = try self.chain()
        #expect(chain.request(path: "/store") == .continue)
        #expect(chain.stream.request.pairs == [["x-sum", "2"]])
    }

    @Test("Metadata passes between filters as JSON and is an attribute")
    func metadata() throws {
        let chain = try self.chain()
        #expect(chain.request(path: "/metadata") == .continue)
        #expect(chain.stream.request.pairs == [["x-json", #"{"a":"x","b":[1,true,null]}"#]])
        let user = chain.stream.attribute(try Attribute(parsing: "metadata['async'][\"user\"]"))
        guard case .bytes(let text) = user else {
            Issue.record("no text")
            return
        }
        #expect(text == "jason")
    }
}
