internal import Filtering
internal import GatewayConfig
internal import Primitives

/// Runs the tests beside scripts, offline: the real machine and handle, in a gateway and a time of the test's
/// own.
///
/// `NAME_test.lua` tests `NAME.lua`.
public final class PolicyTests {
    /// A script at work in a test.
    private struct Subject {
        let filter: LuaWorkerFilter
        let host: TestHost
        let worker: TestWorker
    }

    /// No call of a test may be cut off because the machine is slow; instructions and memory count as in a
    /// gateway.
    private static let budget = LuaBudget(time: .seconds(10))
    private static let budgetOfTests = LuaBudget(
        instructions: 1 << 40, time: .seconds(300), memory: .mebibytes(256))

    private let path: String
    private var report: PolicyTestReport
    private var subjects: [Subject] = []
    private var worker = TestWorker()
    private var lineCounts: [String: [UInt32]] = [:]

    private init(_ path: String) {
        self.path = path
        self.report = PolicyTestReport(path: path)
    }

    /// Tests in the folder `path` and those below it, or the file `path` itself, by name.
    ///
    /// - Throws: ``LuaError`` when a folder cannot be read.
    public static func files(at path: String) throws(LuaError) -> [String] {
        guard LuaFolder.isFolder(path) else { return [path] }
        return try LuaFolder.all(below: path).filter { $0.hasSuffix("_test.lua") }
    }

    /// Runs the tests of one file.
    public static func run(_ path: String) -> PolicyTestReport {
        let tests = PolicyTests(path)
        tests.run()
        return tests.report
    }

    private func run() {
        do throws(LuaError) {
            let source = Array(TestPrelude.line.utf8) + (try LuaFolder.contents(of: self.path))
            let environment = LuaEnvironment(
                log: LuaLog(host: nil, filter: ""), modules: LuaModules(besideScript: self.path),
                command: { [unowned self] in self.answer($0) }
            )
            _ = try LuaMachine(
                source: source, path: self.path, config: "{}", options: 0, budget: Self.budgetOfTests,
                environment: environment
            )
        } catch {
            self.report.problem = error
        }
        self.endSubjects()
        self.report.coverage = self.lineCounts.sorted { $0.key < $1.key }.map(Self.coverage)
    }

    // MARK: What a test asks

    private func answer(_ text: String) -> String {
        guard let ask = ConfigDocument.read(Array(text.utf8), as: .json).root else {
            return #"{"refused":"the test asks for what is no JSON"}"#
        }
        do throws(LuaError) {
            return try self.answer(ask).json()
        } catch {
            return ConfigNode.object(["refused": ConfigNode("\(error)")]).json()
        }
    }

    private func answer(_ ask: ConfigNode) throws(LuaError) -> ConfigNode {
        switch ask.text("op") {
        case "begin":
            self.endSubjects()
            self.worker = TestWorker()
        case "end":
            let failure = ask["ok"]?.value == .bool(true) ? nil : ask.text("message") ?? "failed"
            self.report.outcomes.append(.init(name: ask.text("name") ?? "", problem: failure))
        case "advance":
            let seconds: Double =
                switch ask["seconds"]?.value {
                case .integer(let integer): Double(integer)
                case .number(let number): number
                default: 0
                }
            self.worker.advance(byNanoseconds: UInt64(max(0, min(seconds, 1e9)) * 1e9))
        case "policy":
            return .object(["id": ConfigNode(.integer(try self.makeSubject(ask)))])
        case "request":
            guard let id = ask.integer("id"), self.subjects.indices.contains(id), let given = ask["request"]
            else { throw LuaError(path: self.path, message: "there is no such policy") }
            return self.exchange(given, self.subjects[id])
        default: throw LuaError(path: self.path, message: "unknown request of a test")
        }
        return .object([:])
    }

    private var scriptPath: String {
        self.path.hasSuffix("_test.lua") ? "\(self.path.dropLast("_test.lua".count)).lua" : self.path
    }

    private func makeSubject(_ ask: ConfigNode) throws(LuaError) -> Int {
        var path = self.scriptPath
        if let name = ask.text("script") {
            let slash = path.lastIndex(of: "/").map(path.index(after:)) ?? path.startIndex
            path = path[..<slash] + name
        }
        let filter = LuaFilter(path: path, budget: Self.budget, config: ask["config"] ?? .object([:]))
        let directory = ConfigPaths.directory(of: path)
        let policy = PolicySet.load(filter, directory: directory).policies.first
        if let problem = policy?.problem { throw problem }
        if let problem = policy?.configProblems.first {
            throw LuaError(path: path, message: "config: \(problem.path) \(problem.message)")
        }
        guard let script = policy?.script else { throw LuaError(path: path, message: "there is no script") }
        let host = TestHost()
        let blueprint = try LuaBlueprint(
            script, name: nil, budget: Self.budget, onFailure: .deny, host: host,
            options: LuaBlueprint.countsLines
        )
        self.subjects.append(
            Subject(
                filter: LuaWorkerFilter(blueprint, worker: self.worker), host: host, worker: self.worker))
        return self.subjects.count - 1
    }

    private func exchange(_ given: ConfigNode, _ subject: Subject) -> ConfigNode {
        let worker = subject.worker
        worker.answers = Dictionary(
            (given["services"]?.entries ?? []).map { member in
                (member.key, member.value.list.isEmpty ? [member.value] : member.value.list)
            }
        ) { $1 }
        worker.sent = []
        // A report is written once a second; every exchange of a test is to have its own.
        worker.advance(byNanoseconds: LuaLog.pause)
        let exchange = TestExchange(subject.filter, worker, given)
        exchange.run()
        return exchange.report(subject.host.takeLines())
    }

    // MARK: Coverage

    private func endSubjects() {
        for subject in self.subjects {
            for machine in subject.filter.machines { self.count(machine.lineCounts) }
        }
        self.subjects = []
    }

    private func count(_ counts: [(file: String, runs: [UInt32])]) {
        for (file, runs) in counts {
            var sums = self.lineCounts[file] ?? []
            for (line, count) in runs.enumerated() {
                if line >= sums.count { sums.append(.max) }
                guard count != .max else { continue }
                sums[line] = sums[line] == .max ? count : sums[line] &+ count
            }
            self.lineCounts[file] = sums
        }
    }

    private static func coverage(_ file: String, _ runs: [UInt32]) -> PolicyTestReport.Coverage {
        let lines = runs.indices.filter { runs[$0] != .max }
        return .init(file: file, lines: lines.count, missed: lines.filter { runs[$0] == 0 })
    }
}
