internal import GatewayConfig

/// What is known of one endpoint's health.
///
///     new ──first answer──► healthy ◄──healthyThreshold good──┐
///                  └──────► unhealthy ──unhealthyThreshold bad ► …
///
/// An endpoint gets requests until its first answer, which decides alone: a gateway that starts beside its
/// services serves at once, and an endpoint that is not there is left after one question.
struct EndpointHealth: Equatable {
    private(set) var isHealthy = true
    private var isNew = true
    /// Answers in a row that say otherwise.
    private var contrary = 0

    /// Takes an answer in.
    ///
    /// - Returns: Whether the endpoint's health has changed by it.
    mutating func record(isWell: Bool, _ check: HealthCheck) -> Bool {
        let isFirst = self.isNew
        self.isNew = false
        if isWell == self.isHealthy {
            self.contrary = 0
            return false
        }
        self.contrary += 1
        let threshold = isWell ? check.healthyThreshold : check.unhealthyThreshold
        guard isFirst || self.contrary >= threshold else { return false }
        self.isHealthy = isWell
        self.contrary = 0
        return true
    }
}
