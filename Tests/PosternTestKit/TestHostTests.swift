import BehaviourFilter
import PosternSDK
import PosternTestKit
import Testing

/// What only the kit has: a clock that is moved, and a test that looks between the steps.
@Suite struct TestHostTests {
    private let host = TestHost()
    private let filter: TestFilter

    init() throws { self.filter = try self.host.configure(BehaviourFilter.self, #"{ "service": "auth" }"#) }

    @Test("A timer fires when its time has come, not before")
    func timers() {
        let exchange = self.filter.send(TestRequest("GET", "/timer"))
        self.host.advance(by: .milliseconds(19))
        #expect(exchange.isPaused(.request) && exchange.forwarded == nil)
        self.host.advance(by: .milliseconds(1))
        #expect(!exchange.isPaused(.request) && exchange.forwarded?.headers["x-mark"] == "woken")
    }

    @Test("A callout waits for its answer, and times out on the host's clock")
    func callouts() {
        let exchange = self.filter.send(TestRequest("GET", "/callout-slow"))
        #expect(self.host.callouts.map(\.request.path) == ["/callout-slow?q=1"])
        self.host.advance(by: .milliseconds(99))
        #expect(exchange.isPaused(.request))
        self.host.advance(by: .milliseconds(1))
        #expect(exchange.forwarded?.headers["x-mark"] == "timed out")
        #expect(!self.host.answer(TestResponse()))
        let failed = self.filter.send(TestRequest("GET", "/callout"))
        #expect(self.host.fail(.unreachable))
        #expect(failed.forwarded?.headers["x-mark"] == "unreachable")
    }

    @Test("What waits for a client that has gone is forgotten")
    func goneClient() {
        let exchange = self.filter.send(TestRequest("GET", "/callout"))
        exchange.abort()
        #expect(exchange.isOver && exchange.isReset && self.host.callouts.isEmpty)
        #expect(self.host.metric("behaviours_total") == 1)
        let posted = self.filter.send(TestRequest("GET", "/post"))
        posted.abort()
        self.host.run()
        #expect(posted.forwarded == nil)
    }

    @Test("Blocking work runs when the test says so, and a full pool refuses it")
    func offload() {
        self.host.offloadLimit = 1
        let first = self.filter.send(TestRequest("GET", "/offload"))
        let second = self.filter.send(TestRequest("GET", "/offload"))
        #expect(self.host.offloadedCount == 1)
        #expect(second.response?.status == 500)
        self.host.run()
        #expect(first.forwarded?.headers["x-mark"] == "42")
    }

    @Test("A body whose length was not announced is never sent to the service as it is")
    func brokenLength() {
        let exchange = self.filter.send(TestRequest("POST", "/longer", body: "abc"))
        #expect(exchange.details == "request_length_broken_by_filter" && exchange.response?.status == 500)
    }

    @Test("A head that has left cannot be changed any more")
    func lateHeader() {
        let exchange = self.filter.send(TestRequest("GET", "/late"))
        exchange.answer(TestResponse())
        self.host.advance(by: .milliseconds(20))
        #expect(exchange.response?.status == 200)
        #expect(self.host.log.contains { $0.message == "late: wrongPhase" })
    }

    @Test("Buckets fill up, and stored values expire, with the host's clock")
    func clock() {
        func take() -> String? {
            self.filter.send(TestRequest("GET", "/tokens", headers: ["x-key": "a"])).forwarded?.headers[
                "x-mark"]
        }
        #expect(take() == "true 1 false, true 0 false, false 0 true")
        self.host.advance(by: .seconds(1800))
        #expect(take() == "true 0 false, false 0 true, false 0 true")
        self.host.store("k", Array("v".utf8), in: "behaviours", lifetime: .seconds(2))
        self.host.advance(by: .seconds(1))
        #expect(self.host.stored("k", in: "behaviours") == Array("v".utf8))
        self.host.advance(by: .seconds(1))
        #expect(self.host.stored("k", in: "behaviours") == nil)
    }

    @Test("Attributes that no message has are the test's to give")
    func attributes() throws {
        let filter = try self.host.configure(BehaviourFilter.self, #"{ "attribute": "source.address" }"#)
        let exchange = filter.send()
        exchange.attributes["source.address"] = "10.0.0.1"
        exchange.answer(TestResponse())
        #expect(self.host.log.last?.message == "complete  10.0.0.1")
    }

    @Test("An exchange that a test drops is over for the filter")
    func dropped() {
        _ = self.filter.send(TestRequest("GET", "/timer"))
        #expect(self.host.pendingCount == 0)
        #expect(self.host.metric("behaviours_total") == 1)
    }

    @Test("A field's name has one case for look-ups and its own for the wire")
    func fields() {
        var fields: TestFields = ["X-One": "1", "x-two": "2", "x-one": "3"]
        #expect(fields.all("x-ONE") == ["1", "3"])
        fields["x-one"] = "4"
        #expect(fields.description == "X-One: 4\nx-two: 2")
        fields["x-two"] = nil
        #expect(fields["x-two"] == nil && fields.list.count == 1)
    }
}
