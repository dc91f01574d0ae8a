import PosternTestKit

extension Behaviour {
    static let all = heads + answers + bodies + waits + kept + responses

    private static let heads = [
        Behaviour("/plain", ["x-one": "1"]) {
            $0.forwarded = ["x-one": ["1"]]
            $0.received = ["x-seen": ["200"], "x-from": ["service"]]
        },
        Behaviour(
            "/fields", ["x-one": "1", "X-ONE": "2", "x-two": "a", "x-three": "3", "user-agent": "curl"]
        ) {
            $0.forwarded = [
                "x-one": ["new"], "x-two": ["a", "b"], "x-three": [], "x-removed": ["true false"],
                "x-mark": ["marked"], "user-agent": ["postern"],
            ]
        },
        Behaviour("/rewrite?a=1") {
            $0.forwardedPath = "/rewritten?b=2"
            $0.forwardedAuthority = "other.example:8080"
        },
        Behaviour("/bad-field", ["x-c": "old"]) {
            $0.forwarded = [
                "x-mark": ["malformed malformed malformed malformed malformed"], "x-a": [], "x-b": [],
                "x-c": ["old"],
            ]
        },
        Behaviour("/facts?a=1&b=2") { $0.forwarded = ["x-mark": ["a=1&b=2 GET http"]] },
    ]

    private static let answers = [
        Behaviour("/respond") {
            $0.answers(403, "no\n", "not_you")
            $0.received["x-why"] = ["no"]
            $0.received["content-type"] = ["text/x-own"]
        },
        Behaviour("/respond-twice") {
            $0.answers(409, "first", "first")
            $0.received["content-type"] = ["text/plain"]
        },
        Behaviour("/respond-badly") {
            $0.forwarded = ["x-mark": ["a status of 200...599 and well-formed fields are needed, got 99"]]
        },
        Behaviour("/throw") { $0.answers(500, "", "filter_failed") },
        Behaviour("/fail") { $0.answers(500, "", "filter_failed") },
    ]

    private static let post = TestRequest("POST", "/", body: ["ab", "cd", "ef"])

    private static func post(_ path: String, _ change: (inout Self) -> Void) -> Behaviour {
        var request = Self.post
        request.path = path
        return Behaviour(request, change)
    }

    private static let bodies = [
        post("/body") { $0.forwarded = ["content-length": ["6"]] },
        post("/upper") { $0.forwardedBody = "ABCDEF" },
        post("/double") { $0.forwardedBody = "aabbccddeeff" },
        post("/swallow") { $0.forwardedBody = "" },
        post("/buffer") {
            $0.forwardedBody = "whole(1): abcdef"
            $0.forwarded = ["content-length": ["16"]]
        },
        Behaviour("/make-body") {
            $0.forwardedBody = "whole(1): "
            $0.forwarded = ["content-length": ["10"]]
        },
        post("/limit") { $0.answers(413, "", "request_payload_too_large") },
        post("/pause-in-body") { _ in },
        Behaviour(
            TestRequest("POST", "/trailers", body: ["ab", "cd"], trailers: ["x-sum": "7"])
        ) { $0.forwardedTrailers = ["x-sum": ["7"], "x-checked": ["7"]] },
    ]

    private static let waits = [
        Behaviour("/timer") { $0.forwarded = ["x-mark": ["woken"]] },
        Behaviour("/timer-answers") { $0.answers(408, "", "too_slow") },
        Behaviour("/cancel"),
        Behaviour("/post") { $0.forwarded = ["x-mark": ["posted"]] },
        Behaviour("/offload") { $0.forwarded = ["x-mark": ["42"]] },
        Behaviour("/callout") {
            $0.called = .answers(TestResponse(200, headers: ["x-kind": "good"], body: "fine"))
            $0.forwarded = ["x-mark": ["fine good"]]
        },
        Behaviour("/callout") {
            $0.called = .answers(TestResponse(403, body: "no"))
            $0.answers(403, "", "denied")
        },
        Behaviour("/callout-large") {
            $0.called = .answers(TestResponse(200, body: "too much"))
            $0.forwarded = ["x-mark": ["answer too large"]]
        },
        Behaviour("/callout-slow") { $0.forwarded = ["x-mark": ["timed out"]] },
    ]

    private static let kept = [
        Behaviour("/store", ["x-key": "stored"]) {
            $0.forwarded = ["x-mark": ["- a false true no number true false 5 3 too long"]]
        },
        Behaviour("/tokens", ["x-key": "taken"]) {
            $0.forwarded = ["x-mark": ["true 1 false, true 0 false, false 0 true"]]
        },
        Behaviour("/metadata") {
            $0.forwarded = ["x-mark": [#""j\"son" 0.5 2 {"a":"é","b":[1,null]} - true true j"son"#]]
        },
        Behaviour("/observe"),
    ]

    private static let responses = [
        Behaviour("/status") {
            $0.status = 418
            $0.received = ["x-seen": ["200"]]
        },
        Behaviour("/response-fields") {
            $0.service.headers = ["x-secret": "1", "x-more": "0"]
            $0.received = ["x-secret": [], "x-more": ["0", "1"]]
        },
        Behaviour("/response-pause"),
        Behaviour("/response-buffer") {
            $0.receivedBody = "whole: from the service"
            $0.received = ["content-length": ["23"]]
        },
        Behaviour("/response-limit") {
            $0.status = 502
            $0.receivedBody = ""
            $0.details = "response_payload_too_large"
        },
        Behaviour("/response-respond") {
            $0.status = 503
            $0.receivedBody = "instead"
            $0.details = "replaced"
            $0.received = ["x-seen": []]
        },
        Behaviour("/response-throw") {
            $0.status = 500
            $0.receivedBody = ""
            $0.details = "filter_failed"
            $0.received = ["x-seen": []]
        },
        Behaviour("/response-trailers") {
            $0.service.trailers = ["x-sum": "9"]
            $0.receivedTrailers = ["x-sum": ["9"], "x-checked": ["yes"]]
        },
    ]
}
