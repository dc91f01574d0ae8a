public import PosternSDK

/// What a file says, for checks on any thread; read at first use, and again by ``refresh()`` when it changes.
///
/// A file that is gone or wrong leaves the value as it was, and is a warning in the log, once for each
/// reason.
public final class ReloadedValue<Value: Sendable>: Sendable {
    private struct State: Sendable {
        var file: WatchedFile
        var value: Value?
        var problem = ""
    }

    private let state: Lock<State>
    private let parse: @Sendable ([UInt8]) throws -> Value
    private let log: Log

    /// - Parameters:
    ///   - parse: Makes the value of the file's bytes.
    public init(
        path: String, limit: Int, log: Log, parse: @escaping @Sendable ([UInt8]) throws -> Value
    ) {
        self.state = Lock(State(file: WatchedFile(path: path, limit: limit)))
        self.parse = parse
        self.log = log
    }

    /// What the file said when it last could be read; reads it if it never could.
    ///
    /// - Throws: Why there is no value at all.
    public func current() throws -> Value {
        try self.state.withLock { state in
            if let value = state.value { return value }
            if let content = try state.file.contentIfChanged() {
                do { state.value = try self.parse(content) } catch {
                    state.file.forget()
                    throw error
                }
            }
            guard let value = state.value else {
                throw WatchedFile.Problem(description: "\(state.file.path) was not read")
            }
            return value
        }
    }

    /// Reads the file if it has changed. May block, and is called on one thread at a time.
    public func refresh() {
        var file = self.state.withLock { $0.file }
        var problem = ""
        do {
            if let content = try file.contentIfChanged() {
                let value = try self.parse(content)
                self.state.withLock { $0.value = value }
                self.log(.info, "\(file.path) was read")
            }
        } catch let found as ConfigProblem {
            problem = "\(file.path): \(found.message)"
        } catch {
            problem = "\(error)"
        }
        self.state.withLock { state in
            if state.value == nil { file.forget() }
            state.file = file
            if !problem.isEmpty, problem != state.problem {
                self.log(.warning, "\(problem); what was read before stays in force")
            }
            state.problem = problem
        }
    }
}
