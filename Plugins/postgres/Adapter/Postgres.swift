internal import PluginSupport
public import PosternSDK

/// Copies log entries and edges into tables of PostgreSQL.
public struct Postgres: Adapter {
    /// See ``schema``.
    public struct Config: Decodable, Sendable {
        var address: String
        var database: String?
        var username: String?
        var password: String?
        var sslMode: String?
        var sslRootCert: String?
        var table: String?
        var createTable: Bool?
        var columns: [String]?
        var timeout: String?
    }

    /// What is kept between reports.
    public struct State {
        var session: Session?
        /// By the shape's number.
        var plans: [TablePlan?] = []
        /// Shapes whose tables were looked at on this connection.
        var known: Set<Int> = []
    }

    public static let name = "postgres"
    public static let version = "0.1.0"
    public static let templates: Templates = [.logEntry, .edge]

    private let settings: SessionSettings
    private let table: String
    private let columns: [String]?
    private let createsTable: Bool
    private let log: Log

    public init(config: Config, host: borrowing AdapterHost) throws {
        self.settings = try SessionSettings(config)
        self.table = config.table ?? "{instance}"
        let parts = self.table.split(separator: ".", omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), parts.allSatisfy({ !$0.isEmpty && !$0.utf8.contains(0) }) else {
            throw ConfigProblem("/table", "must be TABLE or SCHEMA.TABLE, got '\(self.table)'")
        }
        self.columns = config.columns
        self.createsTable = config.createTable ?? false
        self.log = host.log
    }

    public func makeState() -> State { State() }

    /// One COPY for each table; those that were not taken are to come again.
    public func report(_ batch: borrowing Batch, _ state: inout State) throws {
        guard batch.count > 0 else { return }
        var groups: [(plan: TablePlan, records: [Int])] = []
        for index in 0..<batch.count {
            let plan = self.plan(batch[index].shape, &state)
            if let group = groups.firstIndex(where: { $0.plan.number == plan.number }) {
                groups[group].records.append(index)
            } else {
                groups.append((plan, [index]))
            }
        }
        var isDecided = false
        for (number, group) in groups.enumerated() {
            do throws(WriteFailure) {
                try self.copy(batch, group.plan, group.records, &state)
                isDecided = true
            } catch {
                state.session = nil
                guard isDecided else { throw error }
                for rest in groups[number...] { for index in rest.records { batch.giveAgain(index) } }
                return self.log(.warning, "\(error)")
            }
        }
    }

    /// Copies records, without those that the table cannot take: the server names them by their line.
    private func copy(
        _ batch: borrowing Batch, _ plan: TablePlan, _ records: [Int], _ state: inout State
    ) throws(WriteFailure) {
        let session = try self.session(&state)
        if !state.known.contains(plan.number) {
            if self.createsTable { try session.run(plan.createStatement) }
            try session.check(plan)
            state.known.insert(plan.number)
        }
        var left = records
        for _ in 0..<64 {
            let lines = CopyLines(batch, plan, left)
            guard !left.isEmpty, let refusal = try session.copy(plan.copyStatement, lines.bytes) else {
                return
            }
            let index = left.remove(at: refusal.line)
            batch.refuse(index)
            self.log(.error, "\(self.settings.address): refuses a record: \(refusal.why)")
        }
        for index in left { batch.giveAgain(index) }
    }

    private func session(_ state: inout State) throws(WriteFailure) -> Session {
        if let kept = state.session, kept.isOpen { return kept }
        state.session = nil
        state.known = []
        let made = try Session(self.settings)
        state.session = made
        return made
    }

    private func plan(_ shape: Shape, _ state: inout State) -> TablePlan {
        let number = shape.number
        if number < state.plans.count, let known = state.plans[number] { return known }
        let plan = TablePlan(shape, table: self.table, columns: self.columns)
        while state.plans.count <= number { state.plans.append(nil) }
        state.plans[number] = plan
        return plan
    }
}
