/// Where logs, metrics and traces go, and which policies are asked.
public struct MixerConfiguration: Sendable {
    /// Which rules there are without any being written.
    public enum Defaults: String, Sendable, CaseIterable {
        /// Istio's metrics.
        case standard
        case none
    }

    /// Default standard. Key `defaults`.
    public var defaults = Defaults.standard
    /// Backends, each with its configuration.
    ///
    /// Default none; names are unique. Key `handlers`.
    public var handlers: [HandlerConfiguration] = []
    /// What is made of a request for handlers.
    ///
    /// Default none; names are unique. Key `instances`.
    public var instances: [InstanceConfiguration] = []
    /// Which requests' instances go to which handlers.
    ///
    /// Default none. Key `rules`.
    public var rules: [MixerRule] = []

    /// A handler that is always there: the gateway's own metrics, `/stats/prometheus`.
    public static let adminHandler = "admin"

    public init() {}
}
