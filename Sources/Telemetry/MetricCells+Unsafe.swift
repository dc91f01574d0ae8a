public import Synchronization

/// The numbers behind all series, as one thread writes them; a worker has one and keeps it across reloads.
///
/// The owner adds with a relaxed load and store, without a lock or a locked instruction; any thread may read.
/// Cells lie in chunks that never move and are made when first written.
public final class MetricCells: @unchecked Sendable {
    // SAFETY: `chunks` has `chunkLimit` slots, allocated here and freed in deinit. A slot goes from 0 to the
    // address of a chunk once, by compare-exchange, and the chunk lives until deinit. Every cell is an
    // atomic, so readers on other threads race with nothing; that only the owner calls the writing functions
    // not called "atomically" is the owner's duty.
    @usableFromInline typealias Cell = Atomic<UInt64>
    @usableFromInline let chunks: UnsafeMutablePointer<Atomic<UInt>>

    /// Cells in a chunk, as a power of two.
    @usableFromInline static var chunkShift: Int { 11 }
    static let chunkCells = 1 << chunkShift
    static let chunkLimit = 512

    init() {
        self.chunks = .allocate(capacity: Self.chunkLimit)
        for index in 0..<Self.chunkLimit { (self.chunks + index).initialize(to: Atomic(0)) }
    }

    deinit {
        for index in 0..<Self.chunkLimit {
            let address = self.chunks[index].load(ordering: .acquiring)
            UnsafeMutablePointer<Cell>(bitPattern: address)?.deallocate()
        }
        self.chunks.deallocate()
    }

    /// Adds to a counter, or to a gauge (by `0 &- n` to subtract). The owner only.
    @inlinable
    public func add(_ series: MetricSeries, _ count: UInt64 = 1) {
        self.bump(self.pointer(series), count)
    }

    /// Sets a gauge. The owner only.
    @inlinable
    public func set(_ series: MetricSeries, _ value: UInt64) {
        self.pointer(series).pointee.store(value, ordering: .relaxed)
    }

    /// Counts `value`, `weight` times, in a histogram. The owner only.
    @inlinable
    public func observe(
        _ bounds: HistogramBounds, _ series: MetricSeries, _ value: UInt64, weight: UInt64 = 1
    ) {
        let base = self.pointer(series)
        self.bump(base + bounds.bucket(of: value), weight)
        self.bump(base + bounds.count + 1, value &* weight)
    }

    /// Adds from any thread, for cells that several threads share. Costs a locked instruction.
    public func addAtomically(_ series: MetricSeries, _ count: UInt64 = 1) {
        self.pointer(series).pointee.wrappingAdd(count, ordering: .relaxed)
    }

    /// Counts a value in a histogram from any thread, for cells that several threads share.
    public func observeAtomically(_ bounds: HistogramBounds, _ series: MetricSeries, _ value: UInt64) {
        let base = self.pointer(series)
        (base + bounds.bucket(of: value)).pointee.wrappingAdd(1, ordering: .relaxed)
        (base + bounds.count + 1).pointee.wrappingAdd(value, ordering: .relaxed)
    }

    /// What the cell `offset` cells into `series` holds; from any thread.
    func value(_ series: MetricSeries, offset: Int = 0) -> UInt64 {
        let cell = Int(series.cell) + offset
        let address = self.chunks[cell >> Self.chunkShift].load(ordering: .acquiring)
        guard let chunk = UnsafeMutablePointer<Cell>(bitPattern: address) else { return 0 }
        return chunk[cell & (Self.chunkCells - 1)].load(ordering: .relaxed)
    }

    @inlinable
    func bump(_ cell: UnsafeMutablePointer<Cell>, _ count: UInt64) {
        cell.pointee.store(cell.pointee.load(ordering: .relaxed) &+ count, ordering: .relaxed)
    }

    /// A series' cells are contiguous and lie in one chunk (``MetricRegistry`` places them so).
    @inlinable
    func pointer(_ series: MetricSeries) -> UnsafeMutablePointer<Cell> {
        let cell = Int(series.cell)
        let address = self.chunks[cell >> Self.chunkShift].load(ordering: .acquiring)
        guard let chunk = UnsafeMutablePointer<Cell>(bitPattern: address) else {
            return self.makeChunk(series)
        }
        return chunk + (cell & ((1 << Self.chunkShift) - 1))
    }

    @inline(never)
    @usableFromInline
    func makeChunk(_ series: MetricSeries) -> UnsafeMutablePointer<Cell> {
        let fresh = UnsafeMutablePointer<Cell>.allocate(capacity: Self.chunkCells)
        for index in 0..<Self.chunkCells { (fresh + index).initialize(to: Atomic(0)) }
        let slot = self.chunks + (Int(series.cell) >> Self.chunkShift)
        let (isOurs, other) = slot.pointee.compareExchange(
            expected: 0, desired: UInt(bitPattern: fresh), ordering: .acquiringAndReleasing)
        let offset = Int(series.cell) & (Self.chunkCells - 1)
        guard !isOurs, let winner = UnsafeMutablePointer<Cell>(bitPattern: other) else {
            return fresh + offset
        }
        fresh.deallocate()
        return winner + offset
    }
}
