import PosternTestKit
import Testing

/// One request past the fixture's filter, and what service and client must see of it, on any host.
struct Behaviour: Sendable, CustomTestStringConvertible {
    /// What the service that the filter calls does.
    enum Called: Sendable {
        case answers(TestResponse)
        case staysSilent
    }

    let request: TestRequest
    var service = TestResponse(200, headers: ["x-from": "service"], body: ["from ", "the ", "service"])
    var called = Called.staysSilent
    /// nil: the service is asked.
    var isAnsweredByFilter = false
    /// What the service must see; fields that are not named are of no interest.
    var forwardedPath: String?
    var forwardedAuthority: String?
    var forwarded: [String: [String]] = [:]
    var forwardedBody: String?
    var forwardedTrailers: [String: [String]] = [:]
    /// What the client must see.
    var status = 200
    var received: [String: [String]] = [:]
    var receivedBody = "from the service"
    var receivedTrailers: [String: [String]] = [:]
    var details = "via_upstream"

    var testDescription: String { self.request.path }

    init(_ request: TestRequest, _ change: (inout Self) -> Void = { _ in }) {
        self.request = request
        change(&self)
    }

    init(_ path: String, _ headers: TestFields = [:], _ change: (inout Self) -> Void = { _ in }) {
        self.init(TestRequest("GET", path, headers: headers), change)
    }

    /// The filter answers, and its own response hook has seen it.
    mutating func answers(_ status: Int, _ body: String = "", _ details: String) {
        self.isAnsweredByFilter = true
        self.status = status
        self.receivedBody = body
        self.details = details
        self.received["x-seen"] = ["\(status)"]
    }

    /// What a host showed.
    struct Seen: Sendable {
        var forwarded: TestRequest?
        var response: TestResponse?
        var details: String
    }

    func check(_ seen: Seen) {
        #expect(seen.details == self.details)
        #expect((seen.forwarded == nil) == self.isAnsweredByFilter, "\(String(describing: seen.forwarded))")
        if let forwarded = seen.forwarded {
            #expect(forwarded.method == self.request.method)
            #expect(forwarded.path == self.forwardedPath ?? self.request.path)
            #expect(forwarded.authority == self.forwardedAuthority ?? self.request.authority)
            #expect(forwarded.body.text == self.forwardedBody ?? self.request.body.text)
            for (name, values) in self.forwarded { #expect(forwarded.headers.all(name) == values, "\(name)") }
            for (name, values) in self.forwardedTrailers {
                #expect(forwarded.trailers.all(name) == values, "\(name)")
            }
        }
        guard let response = seen.response else {
            Issue.record("the client got no response")
            return
        }
        #expect(response.status == self.status)
        #expect(response.body.text == self.receivedBody)
        for (name, values) in self.received { #expect(response.headers.all(name) == values, "\(name)") }
        for (name, values) in self.receivedTrailers {
            #expect(response.trailers.all(name) == values, "\(name)")
        }
    }
}
