public import PosternSDK

/// What every adapter must be able to do, tried on one of them.
///
///     @Test func conforms() {
///         let suite = AdapterSuite(
///             Lines.self, #"{ "path": "/tmp/lines" }"#, refused: [#"{ "path": "lines" }"#: "/path"],
///             backend: AdapterBackend(arrived: { try read("/tmp/lines") }, stop: { … }, start: { … }))
///         #expect(suite.run() == [])
///     }
///
/// Records that it sends have a text of their own in the column `id` (a dimension, a tag; of `edge`:
/// `sourceUid`), by which it finds them again in what ``AdapterBackend`` shows. What needs no backend is
/// tried without one.
public struct AdapterSuite {
    let configure: (TestHost, String) throws -> TestHandler
    let facts: Facts
    let config: String
    let refused: KeyValuePairs<String, String>
    let secrets: [String]
    let backend: AdapterBackend?
    let patience: Duration
    let mayRefuse: (TestRecord) -> Bool

    struct Facts {
        let name, version, schema: String
        let templates: Templates
        let outputs: Int
    }

    /// A suite for an adapter.
    ///
    /// - Parameters:
    ///   - config: A configuration that leads to the backend.
    ///   - refused: Configurations that the adapter itself refuses, with the JSON pointer to what is wrong.
    ///   - secrets: Texts of `config` that must appear in no problem and no line of the log.
    ///   - backend: Where records go.
    ///   - patience: The longest wait for records to arrive, and for a report to succeed once the backend is
    ///     back.
    ///   - mayRefuse: Records that the backend cannot take, such as texts longer than a datagram.
    public init<Handler: Adapter>(
        _ type: Handler.Type, _ config: String = "{}", refused: KeyValuePairs<String, String> = [:],
        secrets: [String] = [], backend: AdapterBackend? = nil, patience: Duration = .seconds(20),
        mayRefuse: @escaping (TestRecord) -> Bool = { _ in false }
    ) {
        self.configure = { try $0.configure(type, $1) }
        self.facts = Facts(
            name: Handler.name, version: Handler.version, schema: Handler.schema,
            templates: Handler.templates, outputs: Handler.outputs.count)
        self.config = config
        self.refused = refused
        self.secrets = secrets
        self.backend = backend
        self.patience = patience
        self.mayRefuse = mayRefuse
    }

    /// Tries all.
    ///
    /// - Returns: What is not as it must be; empty when all is.
    public func run() -> [AdapterFinding] { AdapterBehaviour.allCases.flatMap { self.run($0) } }

    /// Tries one behaviour.
    public func run(_ behaviour: AdapterBehaviour) -> [AdapterFinding] {
        let run = SuiteRun(self, behaviour)
        do {
            switch behaviour {
            case .describesItself: run.describesItself()
            case .configuresOnly: try run.configuresOnly()
            case .refusesConfigurations: run.refusesConfigurations()
            case .takesEveryRecord: try run.takesEveryRecord()
            case .takesBatchesOfAnySize: try run.takesBatchesOfAnySize()
            case .flushesWithTheLast: try run.flushesWithTheLast()
            case .outlastsItsBackend: try run.outlastsItsBackend()
            case .ticksAndReopensAnyTime: try run.ticksAndReopensAnyTime()
            case .answersManyThreads: try run.answersManyThreads()
            default: try run.sharesNothing()
            }
        } catch { run.find("\(error)") }
        run.lookForSecrets()
        return run.findings
    }
}
