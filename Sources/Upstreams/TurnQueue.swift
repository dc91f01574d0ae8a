/// Whose turn it is among entries of different weights: earliest deadline first.
///
/// Each entry takes its turn at a deadline in virtual time and then moves on by a distance that is the
/// smaller the larger its weight, so turns interleave evenly: weights 5, 1, 1 give a a a b c a a. A binary
/// heap in one array.
struct TurnQueue: Sendable {
    private struct Turn {
        /// Virtual time; wraps, so only differences are compared.
        var deadline: UInt64
        var position: Int32
    }

    /// The distance between two turns of weight 1.
    private static let unit: UInt64 = 1 << 40

    private var heap: [Turn] = []

    /// - Parameter weights: One of each entry, 1...65,536; an entry is then named by its position here.
    init(weights: [Int]) {
        self.heap.reserveCapacity(weights.count)
        for (position, weight) in weights.enumerated() {
            // Half a distance at the start puts an entry's turns in the middle of its stretch, not all at the
            // end.
            let start = Self.distance(weight: weight, load: 0) / 2
            self.heap.append(Turn(deadline: start, position: Int32(truncatingIfNeeded: position)))
        }
        for index in stride(from: self.heap.count / 2 - 1, through: 0, by: -1) { self.siftDown(index) }
    }

    /// The entry whose turn is next; the queue must not be empty.
    var next: Int { Int(self.heap[0].position) }

    /// Ends the turn of ``next``, whose following one comes the later the more `load` it has.
    ///
    /// - Complexity: O(log *n*).
    mutating func advance(weight: Int, load: Int) {
        self.heap[0].deadline &+= Self.distance(weight: weight, load: load)
        self.siftDown(0)
    }

    private static func distance(weight: Int, load: Int) -> UInt64 {
        // At most 2^40 * 2^20: far below half of the number range, so that comparing by difference holds.
        Self.unit / UInt64(weight) &* UInt64(min(load, 1 << 20) + 1)
    }

    private func isBefore(_ a: Turn, _ b: Turn) -> Bool {
        let ahead = Int64(bitPattern: a.deadline &- b.deadline)
        return ahead < 0 || (ahead == 0 && a.position < b.position)
    }

    private mutating func siftDown(_ start: Int) {
        var index = start
        while true {
            var first = index
            let left = 2 * index + 1
            if left < self.heap.count, self.isBefore(self.heap[left], self.heap[first]) { first = left }
            if left + 1 < self.heap.count, self.isBefore(self.heap[left + 1], self.heap[first]) {
                first = left + 1
            }
            if first == index { return }
            self.heap.swapAt(index, first)
            index = first
        }
    }
}
