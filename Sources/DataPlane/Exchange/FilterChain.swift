internal import Filtering
internal import Telemetry

/// The filters that the exchanges of one listener and one rule pass, in one worker.
///
/// Immutable. The chain of a rule begins with the places of its listener's chain, so an exchange can change
/// over to it in the middle.
final class FilterChain {
    struct Place {
        /// The worker's instance; nil where a rule has disabled it.
        let filter: Filter?
        /// Where its stream state begins, in bytes.
        let stateOffset: Int
        /// Some rule replaces or disables the filter here, so the route must be known before it runs.
        let needsRoute: Bool
        let series: FilterSeries
        /// The filter's name.
        let label: FilterLabel
    }

    let places: ContiguousArray<Place>
    /// How many places are the listener's; the route must be known before the next.
    let listenerCount: Int
    /// Phases that any filter takes part in.
    let phases: FilterPhases

    init(places: ContiguousArray<Place>, listenerCount: Int) {
        self.places = places
        self.listenerCount = listenerCount
        self.phases = places.reduce(into: []) { $0.formUnion($1.filter?.phases ?? []) }
    }

    var count: Int { self.places.count }
    /// Where the checks stand, in the chains of a snapshot that has some.
    var checkPlace: Int { self.listenerCount }
}
