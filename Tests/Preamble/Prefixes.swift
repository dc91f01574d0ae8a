/// Shows `read` the bytes as a connection does (all that have come, again with more behind) until it decides:
/// at once, byte by byte, and cut in two at every place.
///
/// - Parameter make: A reader; nil from it means that it needs more.
/// - Returns: What it decided with all bytes (nil: it still needs more), and the first way of showing them in
///   which it decided otherwise.
func shownInEveryWay<Outcome: Equatable>(
    _ bytes: [UInt8], _ make: () -> (([UInt8]) -> Outcome?)
) -> (outcome: Outcome?, difference: String?) {
    func show(_ counts: [Int]) -> Outcome? {
        let read = make()
        for count in counts {
            if let outcome = read(Array(bytes[..<count])) { return outcome }
        }
        return nil
    }
    let whole = show([bytes.count])
    let single = show(Array(0...bytes.count))
    if single != whole {
        return (whole, "byte by byte: \(String(describing: single)), not \(String(describing: whole))")
    }
    for place in stride(from: 0, through: bytes.count, by: max(1, bytes.count / 400)) {
        let cut = show([place, bytes.count])
        if cut != whole {
            return (whole, "cut at \(place): \(String(describing: cut)), not \(String(describing: whole))")
        }
    }
    return (whole, nil)
}
