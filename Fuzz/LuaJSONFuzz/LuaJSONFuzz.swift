internal import CFuzzer
internal import Filtering
internal import GatewayConfig
internal import LuaHost
internal import Primitives
internal import Synchronization

/// Feeds texts to `postern.json`: what it reads it must write so that it reads the same again, and what the
/// reader of configurations takes for JSON it must take as well.
@main
struct LuaJSONFuzz {
    static func main() {
        postern_fuzz(CommandLine.argc, CommandLine.unsafeArgv) { start, count in
            LuaJSONFuzz.run(Array(UnsafeBufferPointer(start: start, count: count)))
        }
    }

    private static let script = """
        local json = postern.json
        function on_request(handle)
          local body = handle:body(true)
          local value, problem = json.decode(body:getBytes(0, body:length()))
          if value == nil then
            handle:logInfo(problem:find("^at byte %d+: ") and "refused" or "without a reason")
            return
          end
          local text = json.encode(value)
          local again = json.encode(json.decode(text))
          handle:logInfo(again == text and "read" or "different")
        end
        """

    static func run(_ input: [UInt8]) {
        let budget = LuaBudget(instructions: 100_000_000, time: .seconds(8), memory: .mebibytes(64))
        let host = RecordingHost()
        guard
            let script = try? LuaScript(source: Array(Self.script.utf8), path: "json.lua"),
            let blueprint = try? LuaBlueprint(script, budget: budget, host: host)
        else { preconditionFailure("the script is well") }
        let filter = blueprint.makeFilter(FilterWorker(index: 0))
        let worker = FilterWorker(index: 0)
        let stream = FilterStream(worker: worker)
        let memory = UnsafeMutableRawPointer.allocate(byteCount: max(filter.stateSize, 16), alignment: 16)
        defer { memory.deallocate() }
        memory.initializeMemory(as: UInt8.self, repeating: 0, count: filter.stateSize)
        let slot = FilterSlot(index: 0, state: memory)
        precondition(filter.requestHead(stream, slot, endOfStream: false) == .buffer)
        input.withByteView {
            stream.body = $0
            _ = filter.requestBody(stream, slot, endOfStream: true)
        }
        filter.close(stream, slot)
        let said = host.last
        precondition(said == "read" || said == "refused", said)
        let reading = ConfigDocument.read(input, as: .json)
        if reading.root != nil, reading.problems.isEmpty, !Self.hasLongNumber(input) {
            precondition(said == "read", "refused what is JSON")
        }
    }

    /// Numbers of more than 63 characters are refused.
    private static func hasLongNumber(_ input: [UInt8]) -> Bool {
        var run = 0
        for byte in input {
            run =
                byte >= 0x30 && byte <= 0x39 || byte == 0x2E || byte | 0x20 == 0x65 || byte == 0x2D
                    || byte == 0x2B ? run + 1 : 0
            if run > 63 { return true }
        }
        return false
    }
}

/// Keeps what was logged last.
private final class RecordingHost: FilterHost, @unchecked Sendable {
    // SAFETY: the text is in a mutex.
    private let text = Mutex("")
    var last: String { self.text.withLock { $0 } }
    override func isLogged(_ level: FilterLogLevel) -> Bool { true }
    override func log(_ level: FilterLogLevel, filter: String, _ message: String) {
        self.text.withLock { $0 = message }
    }
}
