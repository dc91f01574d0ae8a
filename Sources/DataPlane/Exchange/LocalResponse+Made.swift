internal import Filtering
internal import GatewayConfig
internal import HTTPCodec
internal import Primitives
internal import Routing

extension LocalResponse {
    /// The answer to a request that the codec has refused: status and reason, so that the client can tell
    /// why.
    init(refusal: HTTPError) {
        self.init(status: refusal.status, details: "\(refusal.details)")
        self.body = Array("\(ReasonPhrase.of(refusal.status)): \(refusal.details)\n".utf8)
    }

    init(_ direct: DirectResponse) {
        self.init(
            status: direct.status, headers: direct.headers.map { ($0.name, $0.value) },
            body: Array(direct.body.utf8),
            details: "direct_response"
        )
    }
}

extension Exchange {
    func redirect(_ plan: RedirectPlan) -> LocalResponse {
        let location = self.home.text
        location.reset()
        plan.writeLocation(for: self.request, to: location)
        return LocalResponse(
            status: plan.status, headers: [("location", location.view.string)], details: "redirect"
        )
    }
}
