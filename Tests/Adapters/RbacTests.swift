import PosternSDK
import PosternTestKit
import Rbac
import Testing

@Suite struct RbacTests {
    let host = TestHost()
    let shape = TestShape(
        .authorization,
        columns: [
            "user", "groups", "namespace", "service", "method", "path", "subject.location", "action.version",
        ])

    struct Request {
        var user: String? = "alice"
        var groups: String?
        var namespace: String? = "shop"
        var service: String? = "products.shop"
        var method = "GET"
        var path = "/products/1"
        var location: String?
        var version: String? = "v1"
    }

    static let roles = """
        "roles": [
          { "name": "viewer", "namespace": "shop", "rules": [
            { "services": ["products.*"], "methods": ["GET", "HEAD"], "paths": ["/products/*", "*/reviews"],
              "constraints": [{ "key": "version", "values": ["v1", "v2*"] }] },
            { "services": ["ping"] } ] },
          { "name": "admin", "rules": [{ "services": ["*"] }] }
        ]
        """
    static let config = """
        { \(roles), "bindings": [
            { "role": "viewer", "subjects": [{ "user": "alice" }, { "user": "*@example.com" }] },
            { "role": "admin", "subjects": [{ "group": "staff", "properties": { "location": "office-*" } }] }
        ] }
        """

    static let role = #"{ "name": "a", "rules": [{ "services": ["*"] }] }"#

    func passes(_ handler: TestHandler, _ change: (inout Request) -> Void = { _ in }) throws -> Bool {
        var request = Request()
        change(&request)
        let texts = [
            request.user, request.groups, request.namespace, request.service, request.method, request.path,
            request.location, request.version,
        ]
        return try handler.check(
            TestRecord(self.shape, texts.map { $0.map { .string($0) } ?? .absent })
        ).code == 0
    }

    @Test("A role's rule allows what fits all that it says, and nothing else")
    func rules() throws {
        let handler = try self.host.configure(RbacAdapter.self, Self.config)
        #expect(try self.passes(handler))
        #expect(try self.passes(handler) { $0.method = "HEAD" })
        #expect(try self.passes(handler) { $0.path = "/a/reviews" })
        #expect(try self.passes(handler) { $0.version = "v2.1" })
        #expect(
            try self.passes(handler) {
                $0.service = "ping"; $0.method = "PUT"; $0.version = nil
            })
        #expect(try !self.passes(handler) { $0.method = "POST" })
        #expect(try !self.passes(handler) { $0.path = "/products" })
        #expect(try !self.passes(handler) { $0.service = "orders.shop" })
        #expect(try !self.passes(handler) { $0.service = nil })
        #expect(try !self.passes(handler) { $0.version = "v3" })
        #expect(try !self.passes(handler) { $0.version = nil })
        #expect(try !self.passes(handler) { $0.namespace = "other" })
        #expect(self.host.metric("rbac_refused_total") == 7)
    }

    @Test("A role is had by users, by groups and by properties, all that a subject names")
    func subjects() throws {
        let handler = try self.host.configure(RbacAdapter.self, Self.config)
        #expect(try self.passes(handler) { $0.user = "bob@example.com" })
        #expect(try !self.passes(handler) { $0.user = "bob" })
        #expect(try !self.passes(handler) { $0.user = nil })
        let staff: (inout Request) -> Void = {
            $0.user = "carol"; $0.groups = "guests, staff"; $0.location = "office-3"; $0.method = "DELETE"
        }
        #expect(try self.passes(handler, staff))
        #expect(
            try !self.passes(handler) {
                staff(&$0); $0.location = "home"
            })
        #expect(
            try !self.passes(handler) {
                staff(&$0); $0.location = nil
            })
        #expect(
            try !self.passes(handler) {
                staff(&$0); $0.groups = "guests,staffers"
            })
        let all = try self.host.configure(
            RbacAdapter.self,
            "{ \(Self.roles), \"bindings\": [{ \"role\": \"admin\", \"subjects\": [{ \"user\": \"*\" }] }] }")
        #expect(try self.passes(all) { $0.user = nil })
    }

    @Test("A permissive handler lets all pass, and counts what it would refuse")
    func permissive() throws {
        let handler = try self.host.configure(
            RbacAdapter.self, #"{ "roles": [], "bindings": [], "mode": "permissive", "validDuration": "3s" }"#
        )
        #expect(try self.passes(handler))
        #expect(self.host.metric("rbac_refused_total") == 1)
    }

    @Test("What a permissive handler would refuse is not remembered, so that all of it is counted")
    func uncached() throws {
        let texts = ["alice", "", "shop", "products.shop", "GET", "/", "", ""]
        let record = TestRecord(self.shape, texts.map { .string($0) })
        for (bindings, lifetime) in [
            (#"[{ "role": "a", "subjects": [{ "group": "staff" }] }]"#, Duration.zero),
            (#"[{ "role": "a", "subjects": [{ "user": "*" }] }]"#, .seconds(3)),
        ] {
            let handler = try self.host.configure(
                RbacAdapter.self,
                """
                { "roles": [\(Self.role)], "bindings": \(bindings), "mode": "permissive",
                  "validDuration": "3s" }
                """)
            let verdict = try handler.check(record)
            #expect(verdict.code == 0 && verdict.validFor == lifetime)
        }
    }

    @Test("What is refused says why, and how long it is so")
    func verdict() throws {
        let handler = try self.host.configure(
            RbacAdapter.self, #"{ "roles": [], "bindings": [], "message": "no", "validDuration": "3s" }"#)
        let verdict = try handler.check(
            TestRecord(self.shape, Array(repeating: .absent, count: self.shape.columns.count)))
        #expect(verdict.code == 7 && verdict.message == "no" && verdict.validFor == .seconds(3))
    }

    @Test(
        "Configurations that make no sense are refused with the place",
        arguments: [
            (
                #""bindings": [{ "role": "x", "subjects": [{ "user": "*" }] }]"#,
                "/bindings/0/role: there is no role"
            ),
            (
                #""bindings": [{ "role": "admin", "subjects": [{}] }]"#,
                "/bindings/0/subjects/0: must have a user"
            ),
            (
                #""bindings": [{ "role": "admin", "subjects": [] }]"#,
                "/bindings/0/subjects: must not be empty"
            ),
        ])
    func bindings(binding: String, why: String) {
        #expect(problem(RbacAdapter.self, "{ \(Self.roles), \(binding) }").hasPrefix(why))
    }

    @Test(
        "Roles that allow nothing, or stand twice, are refused",
        arguments: [
            (#"[{ "name": "a", "rules": [] }]"#, "/roles/0/rules: must have at least one rule"),
            (
                #"[{ "name": "a", "rules": [{ "services": ["*"], "paths": [] }] }]"#,
                "/roles/0/rules/0/paths: must not be empty"
            ),
            (
                #"[\#(RbacTests.role), \#(RbacTests.role)]"#,
                "/roles/1/name: 'a' stands twice"
            ),
        ])
    func roles(roles: String, why: String) {
        #expect(problem(RbacAdapter.self, #"{ "roles": \#(roles), "bindings": [] }"#).hasPrefix(why))
    }
}
