internal import Primitives

/// What a machine has around its script besides the exchange: its log, its modules, the answers to tests.
final class LuaEnvironment {
    let log: LuaLog
    let modules: LuaModules
    /// Answers `postern.command` of a test; nil in a gateway.
    let command: ((String) -> String)?
    /// What a callback has lent to CLua last.
    let lent = ByteBuffer(capacity: 64)

    init(log: LuaLog, modules: LuaModules, command: ((String) -> String)? = nil) {
        self.log = log
        self.modules = modules
        self.command = command
    }
}
