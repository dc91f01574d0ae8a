import Foundation
import TestSupport
import Testing

extension Scenarios {
    /// `basic-auth` with a file of users that changes.
    @Suite(
        .scenario(
            """
            listeners:
              - name: public
                address: "127.0.0.1:0"
                filters:
                  - { plugin: basic-auth, config: { usersFrom: { file: users } } }
                  - plugin: headers
                    config: { response: { set: { x-user: "%{metadata['basic-auth']['user']}" } } }
            routes:
              - { name: all, rules: [{ service: backend }] }
            services:
              - { name: backend, endpoints: [{backend}] }
            """, files: ["users": "alice:\(Users.wonderland)\n"], versions: HTTPVersion.allCases))
    struct BasicAuthScenarioTests {
        let scenario: Scenario

        init() throws { self.scenario = try Scenario.current }

        private func ask(_ credentials: String, method: String = "GET", body: String = "") throws
            -> RawMessage
        {
            let field = Data(credentials.utf8).base64EncodedString()
            return try self.scenario.ask(
                "/", method: method, fields: "Authorization: Basic \(field)\r\n", body: body)
        }

        private func hashed() throws -> Int {
            try self.scenario.proxy.sum("postern_filter_basic_auth_hashed_total", [:])
        }

        @Test(
            "A password is hashed once, beside the traffic, and its user told to the service and to filters")
        func passes() throws {
            let backend = try self.scenario.backend()
            _ = backend.takeRequests()
            let before = try self.hashed()
            for number in 1...3 {
                let response = try self.ask("alice:wonderland", method: "POST", body: "body \(number)")
                #expect(response.status == 200 && response["x-user"] == "alice")
            }
            let requests = backend.takeRequests()
            #expect(requests.map(\.text) == ["body 1", "body 2", "body 3"])
            #expect(requests.allSatisfy { $0["x-consumer"] == "alice" && $0["authorization"] == nil })
            #expect(try self.hashed() <= before + 1)
            #expect(try self.ask("alice:looking-glass").status == 401)
            #expect(try self.scenario.ask("/").status == 401)
        }

        @Test("A changed file of users is in force soon, and nothing that was remembered outlives it")
        func reload() throws {
            #expect(try self.ask("alice:wonderland").status == 200)
            let folder = self.scenario.folder
            #expect(
                try self.scenario.proxy.reload { _ = try folder.write("alice:\(Users.empty)\n", to: "users") }
            )
            #expect(try self.ask("alice:wonderland").status == 401)
            #expect(try self.ask("alice:").status == 200)
            #expect(try !self.scenario.proxy.reload { _ = try folder.write("alice:secret\n", to: "users") })
            #expect(!self.scenario.proxy.log.contains("secret"))
            #expect(try self.ask("alice:").status == 200)
            #expect(
                try self.scenario.proxy.reload {
                    _ = try folder.write("alice:\(Users.wonderland)\n", to: "users")
                })
        }
    }
}

private enum Users {
    static let wonderland = "$2b$05$hCJ9PBO3oVjlCHjJjhvY4.65RDK1sJ8LwcELKWHNeYUTQrOs4hWAi"
    static let empty = "$2b$04$1xj6EOutkLEdv.qybnaHf.zF5AHkymPdgPX4WhNXCDc.VRy40x.3C"
}
