internal import Filtering
internal import Primitives

/// What a script's text says about the phases it may need.
///
/// A method that the text never names is not called, short of names put together at run time; those methods
/// then fail with a message that says so. A name in a comment or a text costs hooks that do nothing, no more.
struct LuaSourceFacts: Sendable, Hashable {
    /// `body` or `bodyChunks`.
    let namesBody: Bool
    let namesTrailers: Bool
    /// `setBytes`: the length of a body may change.
    let namesSetBytes: Bool

    init(_ source: [UInt8]) {
        (self.namesBody, self.namesTrailers, self.namesSetBytes) = source.withByteView {
            ($0.contains("body"), $0.contains("trailers"), $0.contains("setBytes"))
        }
    }

    /// For CLua: bit 0 the body, bit 1 the trailers.
    var mayWait: UInt32 { (self.namesBody ? 1 : 0) | (self.namesTrailers ? 2 : 0) }

    /// The hooks a filter with these entry points takes part in.
    func phases(_ entryPoints: LuaEntryPoints) -> FilterPhases {
        var phases: FilterPhases = []
        let waits = self.namesBody || self.namesTrailers
        if entryPoints.contains(.request) {
            phases.formUnion(FilterPhases(.requestHead))
            if waits { phases.formUnion([FilterPhases(.requestBody), FilterPhases(.requestTrailers)]) }
        }
        if entryPoints.contains(.response) {
            phases.formUnion(FilterPhases(.responseHead))
            if waits { phases.formUnion([FilterPhases(.responseBody), FilterPhases(.responseTrailers)]) }
        }
        if entryPoints.contains(.complete) { phases.formUnion(FilterPhases(.complete)) }
        return phases
    }
}

extension ByteView {
    fileprivate func contains(_ word: StaticString) -> Bool {
        let word = ByteView(word)
        guard self.count >= word.count else { return false }
        return (0...(self.count - word.count)).contains { self[$0..<($0 + word.count)] == word }
    }
}
