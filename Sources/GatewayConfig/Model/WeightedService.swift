/// A service and its share of a rule's requests.
public struct WeightedService: Sendable, Hashable {
    /// The service's name.
    ///
    /// Required; the name of one of `services`. Key `service`.
    public var service: String
    /// Its share.
    ///
    /// Default 1; 0...1000000. Key `weight`.
    public var weight: Weight

    public init(_ service: String, weight: Weight = 1) {
        self.service = service
        self.weight = weight
    }
}
