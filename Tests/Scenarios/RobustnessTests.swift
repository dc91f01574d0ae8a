import Foundation
import TestSupport
import Testing

extension Scenarios {
    /// What must not go wrong beside the traffic.
    @Suite(.scenario(Scenarios.relay, workers: 2)) struct RobustnessTests {
        let scenario: Scenario

        init() throws { self.scenario = try Scenario.current }

        @Test("A configuration that is refused late leaves no socket that nobody accepts from")
        func refusedLate() throws {
            let proxy = self.scenario.proxy
            let file = "postern.yaml"
            let good = proxy.folder.text(of: file)
            let late = "unix:\(proxy.folder.file("late").path)"
            let bad = good.replacing("access.log", with: "missing/access.log").replacing(
                "listeners:\n", with: "listeners:\n  - { name: late, address: \"\(late)\" }\n")
            _ = try proxy.folder.write(bad, to: file)
            #expect(eventually { proxy.log.contains("cannot be brought into force") })
            #expect(throws: WireError.self) { _ = try RawConnection(to: late) }
            _ = try proxy.folder.write(good, to: file)
            #expect(try self.scenario.ask("/").status == 200)
        }

        @Test(
            "An administrator who ends with the request still gets the answer",
            arguments: ["/ready", "/clusters"])
        func halfClosedAdmin(path: String) throws {
            let connection = try RawConnection(to: self.scenario.proxy.admin)
            try connection.send("GET \(path) HTTP/1.1\r\nHost: a\r\n\r\n")
            connection.socket.endWriting()
            #expect(try connection.readResponse().status == 200)
            #expect(try connection.isAtEnd())
        }
    }
}
