internal import PluginNet
internal import PluginSupport
internal import PosternSDK

/// The list that a URL has: fetched on one thread, searched on any.
///
/// The last good one of each URL is remembered while the process lives, so that a reload begins with it.
final class FetchedList: Sendable {
    private struct Known: Sendable {
        let content: ListContent
        let time: Int64
        /// For a conditional request.
        let tag: String?
    }
    private struct Source: Hashable {
        let url: String
        let type: EntryType
    }

    /// Why there is no list to look into.
    struct Missing: Error, CustomStringConvertible { let description: String }

    private static let remembered = Lock<[Source: Known]>([:])

    private let source: Source
    private let type: EntryType
    private let known: Lock<(list: Known?, problem: String)>
    private let maxAge: Int64?

    init(_ url: HTTPURL, _ type: EntryType, maxAge: Duration?) {
        self.source = Source(url: url.description, type: type)
        self.type = type
        self.maxAge = maxAge?.wholeNanoseconds
        self.known = Lock((Self.remembered.withLock { [source] in $0[source] }, "it was not asked yet"))
    }

    /// - Throws: ``Missing`` when it never answered, or too long ago.
    func current() throws(Missing) -> ListContent {
        let (list, problem) = self.known.withLock { $0 }
        guard let list else { throw Missing(description: "no list of \(self.source.url): \(problem)") }
        if let maxAge, monotonicNanoseconds() - list.time > maxAge {
            throw Missing(description: "the list of \(self.source.url) is too old: \(problem)")
        }
        return list.content
    }

    /// Asks the URL. Blocks for its timeout at most.
    ///
    /// - Returns: What went wrong for the first time, or a new reason; nil otherwise.
    func refresh(_ client: inout HTTPClient) -> String? {
        let before = self.known.withLock { $0 }
        do {
            let fields = before.list?.tag.map { [("if-none-match", $0)] } ?? []
            let answer = try client.send("GET", fields: fields)
            let now = monotonicNanoseconds()
            let fresh: Known
            switch answer.status {
            case 200:
                fresh = Known(
                    content: try ListContent(self.type, lines: answer.body), time: now,
                    tag: answer.field("etag"))
            case 304:
                guard let old = before.list else { throw Missing(description: "304 to the first request") }
                fresh = Known(content: old.content, time: now, tag: old.tag)
            default: throw Missing(description: "it answered \(answer.status)")
            }
            self.known.withLock { $0 = (fresh, "") }
            Self.remembered.withLock { $0[self.source] = fresh }
            return nil
        } catch {
            let problem = (error as? ConfigProblem)?.message ?? "\(error)"
            self.known.withLock { $0.problem = problem }
            return problem == before.problem ? nil : "the list of \(self.source.url) was not read: \(problem)"
        }
    }
}
