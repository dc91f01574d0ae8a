internal import Filtering
internal import GatewayConfig
internal import Primitives
internal import TestSupport
import Testing

@testable internal import LuaHost

@Suite struct AttackTests {
    /// CPU time that no call within its budget of 5 ms comes near, whatever the machine and sanitizer; an
    /// attack that got away takes far longer.
    static let longest = Duration.seconds(2)

    @Test("Only the call that attacks fails, soon, and the next one works", arguments: Attack.all)
    func fails(attack: Attack) throws {
        try self.check(attack, LuaBudget())
    }

    @Test("CPU time ends what hardly counts as instructions", arguments: Attack.all)
    func failsByTime(attack: Attack) throws {
        try self.check(attack, LuaBudget(instructions: 1_000_000_000))
    }

    private func check(_ attack: Attack, _ budget: LuaBudget) throws {
        let run = try attack.prepared(budget)
        for _ in 1...2 {
            let result = Attack.launch(run)
            if !attack.mayEnd {
                #expect(result.action == .responded)
                #expect(result.details == "lua_budget", "\(result.line)")
                #expect(result.line.contains("the budget of"), "\(result.line)")
            }
            #expect(result.cpu < Self.longest, "\(result.line)")
            #expect(result.memory <= .mebibytes(9))
            run.stream.setRequest()
            #expect(run.request() == .continue)
            #expect(run.lastLine == "fine")
            run.reset()
        }
    }
}
