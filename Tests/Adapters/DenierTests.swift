import Denier
import PosternSDK
import PosternTestKit
import Testing

@Suite struct DenierTests {
    let host = TestHost()
    let nothing = TestRecord(TestShape(.checkNothing), [])

    @Test("It refuses with the code and message configured, for as long and as often as configured")
    func configured() throws {
        let handler = try self.host.configure(
            DenierAdapter.self,
            #"{ "code": "unavailable", "message": "closed", "validDuration": "2s", "validUses": 7 }"#)
        let verdict = try handler.check(self.nothing)
        #expect(verdict.code == 14 && verdict.message == "closed")
        #expect(verdict.validFor == .seconds(2) && verdict.uses == 7)
        let grant = try handler.quota(TestRecord(TestShape(.quota), []), amount: 3, bestEffort: true)
        #expect(grant.amount == 0 && grant.validDuration == .seconds(2))
    }

    @Test("Without configuration it forbids, whichever template asks")
    func defaults() throws {
        let handler = try self.host.configure(DenierAdapter.self)
        for template in [Template.checkNothing, .listEntry, .authorization, .apiKey] {
            let verdict = try handler.check(TestRecord(TestShape(template), []))
            #expect(verdict.code == 7 && verdict.message == "denied by policy")
            #expect(verdict.validFor == .seconds(5) && verdict.uses == 0)
        }
    }

    @Test("Configurations that make no sense are refused with the place")
    func refusals() {
        #expect(
            problem(DenierAdapter.self, #"{ "code": "ok" }"#)
                == "/code: must be one of invalidArgument, notFound, permissionDenied, resourceExhausted, "
                + "unavailable, unauthenticated, got 'ok'")
        #expect(
            problem(DenierAdapter.self, #"{ "validUses": 0 }"#) == "/validUses: must be at least 1, got 0")
    }
}
