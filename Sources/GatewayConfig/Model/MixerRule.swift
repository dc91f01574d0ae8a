/// Which requests' instances go to which handlers.
public struct MixerRule: Sendable {
    /// What a failure of a handler's check means for the request.
    public enum FailurePolicy: String, Sendable, CaseIterable {
        case deny, allow
    }

    /// An expression of type bool; nil: every request. Key `match`.
    public var match: ConfigNode?
    /// Default none; a rule has actions, or changes headers. Key `actions`.
    public var actions: [MixerAction] = []
    /// How many of the requests that match are reported; nil: all. Key `sampling`.
    public var sampling: MixerSampling?
    /// Changes to the request, with expressions as values. Key `requestHeaders`.
    public var requestHeaders = MixerHeaders()
    /// Changes to the response, with expressions as values. Key `responseHeaders`.
    public var responseHeaders = MixerHeaders()
    /// Default deny. Key `onFailure`.
    public var onFailure = FailurePolicy.deny
    public var location = ConfigLocation.none

    public init() {}
}

/// Instances for one handler.
public struct MixerAction: Sendable {
    /// Required. Key `handler`.
    public var handler = ""
    /// Required; at least one. Key `instances`.
    public var instances: [String] = []
    public var location = ConfigLocation.none

    public init() {}
}

/// How many requests are reported: a share of them, at most so many a second, or both.
public struct MixerSampling: Sendable {
    /// Percent; nil: all. 0...100. Key `percent`.
    public var percent: Double?
    /// Requests with the same value of this expression are sampled alike; nil: each by itself. Key `key`.
    public var key: ConfigNode?
    /// At most so many a second, over all workers; nil: no limit. 1...1,000,000. Key `perSecond`.
    public var perSecond: Int?

    public init() {}
}

/// Changes to the fields of a message: first `remove`, then `set`, then `add`; values are expressions.
public struct MixerHeaders: Sendable {
    public struct Pair: Sendable {
        public var name: String
        public var value: ConfigNode
    }
    /// Key `set`.
    public var set: [Pair] = []
    /// Key `add`.
    public var add: [Pair] = []
    /// Key `remove`.
    public var remove: [String] = []

    public init() {}

    public var isEmpty: Bool { self.set.isEmpty && self.add.isEmpty && self.remove.isEmpty }
}
