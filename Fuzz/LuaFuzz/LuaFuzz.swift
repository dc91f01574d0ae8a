internal import CFuzzer
internal import Filtering
internal import GatewayConfig
internal import LuaHost
internal import Primitives

/// Feeds scripts to the loader and the handle's API.
///
/// The first byte says which: `t` the rest is the script's text, anything else a program that the grammar
/// makes of the bytes. A script that loads sees two exchanges, with bodies in pieces, trailers and services.
@main
struct LuaFuzz {
    static func main() {
        postern_fuzz(CommandLine.argc, CommandLine.unsafeArgv) { start, count in
            LuaFuzz.run(Array(UnsafeBufferPointer(start: start, count: count)))
        }
    }

    private static let budget = LuaBudget(
        instructions: 20_000, time: .milliseconds(100), memory: .mebibytes(2))

    static func run(_ input: [UInt8]) {
        guard let kind = input.first else { return }
        var grammar = ScriptGrammar(input.dropFirst())
        let source = kind == 0x74 ? Array(input.dropFirst()) : Array(grammar.script().utf8)
        guard
            let script = try? LuaScript(
                source: source, path: "/nonexistent/fuzz.lua", budget: Self.budget,
                config: #"{"a":[1,{"b":2}]}"#),
            let blueprint = try? LuaBlueprint(script, budget: Self.budget, host: FuzzHost())
        else { return }
        let worker = FuzzWorker()
        let filter = blueprint.makeFilter(worker)
        for round in 0..<2 { FuzzExchange(filter, worker, isLong: round == 1).run() }
    }
}
