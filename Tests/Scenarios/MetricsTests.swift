import Foundation
import TestSupport
import Testing

extension Scenarios {
    /// Counts, in a gateway that no other suite asks anything.
    @Suite(
        .scenario(Measured.configuration, workers: 2, files: Measured.files, versions: HTTPVersion.allCases))
    struct RequestCountTests {
        let scenario: Scenario
        let proxy: ProxyProcess

        init() throws {
            self.scenario = try Scenario.current
            self.proxy = self.scenario.proxy
        }

        private func expect(_ metric: String, _ labels: [String: String], _ count: Int) throws {
            try eventually { try self.proxy.sum(metric, labels) >= count }
            #expect(try self.proxy.sum(metric, labels) == count, "\(metric)\(labels)")
        }

        @Test("Requests, sizes and filters' calls are counted exactly, over all workers")
        func counts() throws {
            let address = try #require(self.proxy.listeners["public"])
            let backend = try self.scenario.backend()
            backend.on(
                "/sized",
                answer: "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n"
                    + String(repeating: "x", count: 1000))
            for _ in 1...8 {
                let client = try RawConnection(to: address)
                for _ in 1...5 {
                    try client.send("POST /sized HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n0123456789")
                    #expect(try client.readResponse().body.count == 1000)
                }
            }
            for _ in 1...3 { #expect(try self.scenario.ask("/none", host: "elsewhere.com").status == 404) }
            for _ in 1...2 { #expect(try self.scenario.ask("/dead").status == 503) }
            for _ in 1...4 { #expect(try self.scenario.ask("/fail").status == 500) }
            for _ in 1...6 { #expect(try self.scenario.ask("/closed").status == 401) }

            let service = [
                "destination_service_name": "reviews", "reporter": "source", "request_protocol": "http",
            ]
            let ok = service.merging(["response_code": "200", "response_flags": "-"]) { $1 }
            try self.expect("istio_requests_total", ok, 40)
            try self.expect("istio_request_bytes_count", ok, 40)
            try self.expect("istio_request_bytes_sum", ok, 400)
            try self.expect("istio_response_bytes_sum", ok, 40_000)
            try self.expect("istio_response_bytes_bucket", ok.merging(["le": "1000"]) { $1 }, 40)
            try self.expect("istio_response_bytes_bucket", ok.merging(["le": "500"]) { $1 }, 0)
            try self.expect("istio_request_duration_milliseconds_count", ok, 40)
            let unknown = ["destination_service_name": "unknown"]
            try self.expect(
                "istio_requests_total",
                unknown.merging(["response_code": "404", "response_flags": "NR"]) { $1 }, 3)
            try self.expect("istio_requests_total", unknown.merging(["response_code": "500"]) { $1 }, 4)
            try self.expect("istio_requests_total", unknown.merging(["response_code": "401"]) { $1 }, 6)
            try self.expect(
                "istio_requests_total",
                ["destination_service_name": "dead", "response_code": "503", "response_flags": "UF"], 2)

            // Every request of hosts that have a route has passed the listener's filter.
            try self.expect("postern_filter_calls_total", ["filter": "headers", "phase": "request_head"], 55)
            try self.expect(
                "postern_filter_calls_total", ["filter": "headers", "phase": "response_head"], 55)
            try self.expect("postern_filter_calls_total", ["filter": "fails", "phase": "request_head"], 4)
            try self.expect("postern_filter_errors_total", ["filter": "fails", "phase": "request_head"], 4)
            try self.expect("postern_filter_errors_total", ["filter": "headers"], 0)
            try self.expect("postern_filter_calls_total", ["filter": "key-auth", "phase": "request_head"], 6)
            try self.expect("postern_filter_key_auth_refused_total", ["filter": "key-auth"], 6)
        }

    }

    /// What Prometheus reads.
    @Suite(.scenario(Measured.configuration, files: Measured.files, versions: HTTPVersion.allCases))
    struct MetricsTests {
        let scenario: Scenario
        let proxy: ProxyProcess

        init() throws {
            self.scenario = try Scenario.current
            self.proxy = self.scenario.proxy
        }

        @Test(
            "Times of native filters and of scripts are sampled, and their counts are multiples of the weight"
        )
        func times() throws {
            let client = try self.proxy.connect()
            for _ in 1...400 {
                try client.send("GET /timed HTTP/1.1\r\nHost: a\r\n\r\n")
                #expect(try client.readResponse().status == 200)
            }
            for (filter, phase) in [("headers", "request_head"), ("times", "response_head")] {
                let labels = ["filter": filter, "phase": phase]
                let count = try self.proxy.sum("postern_filter_duration_seconds_count", labels)
                #expect(count > 0, "none of 400 requests was timed: \(labels)")
                #expect(count % 16 == 0)
            }
        }

        @Test("promtool accepts everything but Istio's milliseconds")
        func promtool() throws {
            for target in ["/", "/none", "/dead", "/fail", "/closed"] { _ = try self.scenario.ask(target) }
            let file = self.scenario.folder.file("metrics")
            try Data(self.proxy.admin("/stats/prometheus").body).write(to: file)
            let tool = try Command("sh", ["-c", "exec promtool check metrics < '\(file.path)'"])
            let remarks = tool.output.split(separator: "\n")
            let others = remarks.filter { !$0.hasPrefix("istio_request_duration_milliseconds ") }
            #expect(others == [])
            // 3 is for remarks; 1 would be for text that cannot be read.
            #expect(tool.ending == .exited(3))
        }
    }
}

private enum Measured {
    static let files = [
        "fails.lua": "function on_request(handle) error('on purpose') end",
        "times.lua": "function on_response(handle) handle:headers():add('x-timed', '1') end",
    ]
    static let configuration = """
        listeners:
          - name: public
            address: "127.0.0.1:0"
            filters:
              - plugin: headers
                config: { request: { set: { x-a: b } }, response: { set: { x-a: b } } }
        routes:
          - name: reviews
            hosts: [a, example.com]
            rules:
              - match: { path: { prefix: /fail } }
                filters: [{ lua: "{folder}/fails.lua" }]
                service: reviews
              - match: { path: { prefix: /closed } }
                filters: [{ plugin: key-auth, config: { keys: [{ name: a, key: b }] } }]
                service: reviews
              - match: { path: { prefix: /timed } }
                filters: [{ lua: "{folder}/times.lua" }]
                service: reviews
              - { match: { path: { prefix: /dead } }, service: dead }
              - { service: reviews }
        services:
          - { name: reviews, endpoints: [{backend}] }
          - { name: dead, endpoints: ["127.0.0.1:1"] }
        """
}
