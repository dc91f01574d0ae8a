/// Something that ``AdapterSuite`` holds of every adapter.
public struct AdapterBehaviour: Sendable, Hashable, CaseIterable, CustomStringConvertible {
    /// What must be so, as a sentence.
    public let description: String

    private init(_ description: String) { self.description = description }

    /// Name, version, schema and templates are well-formed.
    public static let describesItself = Self("it says what it is")
    /// No descriptor stays open, and a backend that is away is no reason to refuse.
    public static let configuresOnly = Self("taking a configuration opens nothing")
    /// Each with a problem at its place.
    public static let refusesConfigurations = Self("configurations that are wrong are refused at their place")
    /// Absent values, empty and long texts, bytes that are no text, the largest numbers, many columns, shapes
    /// that change: all are taken.
    public static let takesEveryRecord = Self(
        "records of every declared template are taken, whatever is in them")
    /// One record, thousands, none.
    public static let takesBatchesOfAnySize = Self("a batch may have one record or thousands")
    /// What is kept is passed on with the last batch, whether that has records or not.
    public static let flushesWithTheLast = Self("after the last batch nothing is kept back")
    /// Reports fail while it is away; the same records arrive when it is back.
    public static let outlastsItsBackend = Self("a backend that goes away loses no record")
    /// Before the first report, several times, after failures.
    public static let ticksAndReopensAnyTime = Self("tick and reopen may come at any time")
    /// With reports at the same time.
    public static let answersManyThreads = Self(
        "checks, quotas and attributes are asked for by many threads at once")
    /// Two handlers, with shapes whose numbers are the same; one ends before the other.
    public static let sharesNothing = Self("handlers share no state")

    /// All, in the order in which they are tried.
    public static let allCases: [AdapterBehaviour] = [
        .describesItself, .configuresOnly, .refusesConfigurations, .takesEveryRecord, .takesBatchesOfAnySize,
        .flushesWithTheLast, .outlastsItsBackend, .ticksAndReopensAnyTime, .answersManyThreads,
        .sharesNothing,
    ]
}

/// What an adapter did otherwise.
public struct AdapterFinding: Sendable, Hashable, CustomStringConvertible {
    /// What was tried.
    public let behaviour: AdapterBehaviour
    /// What happened.
    public let text: String

    /// Both.
    public var description: String { "\(self.behaviour): \(self.text)" }
}
