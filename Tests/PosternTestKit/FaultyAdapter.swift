internal import Foundation
internal import PosternSDK
internal import Synchronization

/// A backend in memory, for ``FaultyAdapter``.
final class Shelf: Sendable {
    struct State {
        var texts: [String] = []
        var isThere = true
    }
    let state = Mutex(State())

    static let all = Mutex<[String: Shelf]>([:])
    static func named(_ name: String) -> Shelf {
        Self.all.withLock { all in
            if let shelf = all[name] { return shelf }
            let shelf = Shelf()
            all[name] = shelf
            return shelf
        }
    }
}

/// An adapter that does one thing wrong, or nothing.
struct FaultyAdapter: Adapter {
    enum Fault: String, Decodable, CaseIterable {
        case none, opens, needsBackend, wrongPlace, refusesAbsent, losesLong, losesMany, keepsBack
        case repeats, takesWithout, neverRecovers, leaks, failsAfterReopen, grantsTooMuch, sharesShapes,
            sharesCount
    }
    struct Config: Decodable, Sendable {
        let shelf: String
        let fault: Fault
        let password: String
        let limit: Int?
    }
    struct State {
        var held: [String] = []
        var isReopened = false
        var hasFailed = false
    }
    static let name = "faulty"
    static let version = "1.0.0"
    static let schema = #"{ "type": "object" }"#
    static let templates: Templates = [.logEntry, .quota, .checkNothing]

    private static let sharedNames = Mutex<[Int: [String]]>([:])
    private static let sharedCount = Mutex(0)
    let config: Config
    let shelf: Shelf

    init(config: Config, host: borrowing AdapterHost) throws {
        if config.limit == 0 {
            throw ConfigProblem(
                config.fault == .wrongPlace ? "/password" : "/limit", "must be at least 1, got 0")
        }
        self.config = config
        self.shelf = Shelf.named(config.shelf)
        if config.fault == .opens { _ = open("/dev/null", O_RDONLY) }
        if config.fault == .needsBackend, !self.isThere { throw ConfigProblem("", "cannot connect") }
    }

    private var isThere: Bool { self.shelf.state.withLock { $0.isThere } }

    func makeState() -> State { State() }

    func report(_ batch: borrowing Batch, _ state: inout State) throws {
        let fault = self.config.fault
        guard self.isThere || fault == .takesWithout else {
            state.hasFailed = true
            if fault == .repeats, batch.count > 0 {
                self.put([batch[0].text(named: "id") ?? ""], anyway: true)
            }
            if fault == .leaks { throw ConfigProblem("", "cannot log in with \(self.config.password)") }
            throw ConfigProblem("", "the shelf is away")
        }
        if fault == .neverRecovers, state.hasFailed { throw ConfigProblem("", "not connected") }
        if fault == .failsAfterReopen, state.isReopened { throw ConfigProblem("", "the file is closed") }
        var made: [String] = []
        for index in 0..<batch.count {
            if fault == .losesMany, index >= 1000 { continue }
            let record = batch[index]
            let names = self.names(record.shape)
            var text = ""
            for column in 0..<record.count {
                guard let value = record.text(column) else {
                    if fault == .refusesAbsent { batch.refuse(index) }
                    continue
                }
                text += "\(names[column])=\(value) "
            }
            if fault == .losesLong, text.utf8.count > 65_000 { continue }
            made.append(text)
        }
        state.held += made
        if fault == .keepsBack, state.held.count < 10 { return }
        self.put(state.held)
        state.held = []
    }

    private func names(_ shape: Shape) -> [String] {
        guard self.config.fault == .sharesShapes else { return shape.columnNames }
        return Self.sharedNames.withLock { shared in
            let known = shared[shape.number] ?? []
            if known.count >= shape.count { return known }
            shared[shape.number] = shape.columnNames
            return shape.columnNames
        }
    }

    private func put(_ texts: [String], anyway: Bool = false) {
        self.shelf.state.withLock { if $0.isThere || anyway { $0.texts += texts } }
    }

    func reopen(_ state: inout State) { state.isReopened = true }

    func check(_ record: Record) throws -> Verdict { .allow() }

    func quota(_ record: Record, _ request: QuotaRequest) throws -> QuotaGrant {
        if self.config.fault == .grantsTooMuch {
            return QuotaGrant(request.amount + (request.amount < 100 ? 1 : 0))
        }
        if self.config.fault == .sharesCount {
            let granted = Self.sharedCount.withLock { count in
                count += 1
                return count < 10 ? 1 : 0
            }
            return QuotaGrant(min(granted, request.amount))
        }
        return QuotaGrant(request.amount)
    }
}
