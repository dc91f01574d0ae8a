internal import Filtering
internal import GatewayConfig
internal import Glibc
internal import Primitives
internal import TestSupport

@testable internal import LuaHost

/// A script that tries to keep the worker, as the body of a function; it must not get away with it.
struct Attack: Sendable, CustomTestStringConvertible {
    var name: String
    var body: String
    /// Whether the script may also end well or with an error of its own, as long as it ends soon.
    var mayEnd = false

    init(_ name: String, mayEnd: Bool = false, _ body: String) {
        self.name = name
        self.body = body
        self.mayEnd = mayEnd
    }

    var testDescription: String { self.name }
}

internal import Testing

/// What an attack cost and did.
struct AttackResult {
    var action: FilterAction
    var details: String?
    var line: String
    /// CPU time of this thread.
    var cpu: Duration
    var instructions: Int
    var memory: ByteCount
}

extension Attack {
    /// A script that attacks when told to by a header, and otherwise logs `fine`.
    func prepared(_ budget: LuaBudget) throws -> ScriptedStream {
        try ScriptedStream(
            """
            local function attack(handle)
              \(self.body)
            end
            function on_request(handle)
              if handle:headers():get("x-attack") then attack(handle) end
              handle:logInfo("fine")
            end
            """, budget: budget
        )
    }

    static func launch(_ run: ScriptedStream) -> AttackResult {
        run.stream.setRequest([("x-attack", "1")])
        let answers = run.stream.responses.count
        let start = Self.cpuTime()
        let action = run.request()
        let cpu = Self.cpuTime() - start
        let result = AttackResult(
            action: action, details: run.stream.responses.dropFirst(answers).last?.details,
            line: run.lastLine, cpu: cpu,
            instructions: run.filter.machine?.instructionsUsed ?? 0,
            memory: run.filter.machine?.memoryUsed ?? .bytes(0)
        )
        run.reset()
        run.stream.fakeWorker.time = run.stream.fakeWorker.time.advanced(by: .seconds(2))
        return result
    }

    private static func cpuTime() -> Duration {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
    }
}
