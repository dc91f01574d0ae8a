/// Calls `body` with the bytes whole, one by one, and cut in two at every place; all must give the same.
///
/// - Returns: What the whole gave, and a description of the first cut that gave something else.
func atEverySplit<Outcome: Equatable>(
    _ bytes: [UInt8], _ body: ([[UInt8]]) -> Outcome
) -> (outcome: Outcome, difference: String?) {
    let whole = body([bytes])
    let single = body(bytes.map { [$0] })
    if single != whole { return (whole, "byte by byte: \(single) instead of \(whole)") }
    // Past a few hundred bytes not at every place, so that long heads stay quick.
    for place in stride(from: 0, through: bytes.count, by: max(1, bytes.count / 400)) {
        let cut = body([Array(bytes[..<place]), Array(bytes[place...])])
        if cut != whole { return (whole, "cut at \(place): \(cut) instead of \(whole)") }
    }
    return (whole, nil)
}
