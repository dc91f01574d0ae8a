internal import GatewayConfig
internal import Upstreams

extension NameReport {
    /// As `/clusters` shows it, in the form of an endpoint's lines.
    var text: String {
        let prefix = "\(self.service)::\(self.name)::"
        var lines = ["state::\(self.state.rawValue)", "addresses::\(self.addresses.joined(separator: ","))"]
        if let age = self.answerAge { lines.append("answer_age_seconds::\(age)") }
        if let next = self.nextLookUp { lines.append("next_lookup_seconds::\(next)") }
        lines.append("failures::\(self.failures)")
        if let failure = self.lastFailure { lines.append("last_failure::\(failure)") }
        return lines.map { "\(prefix)\($0)\n" }.joined()
    }

    var node: ConfigNode {
        .object([
            "service": .text(self.service), "name": .text("\(self.name)"),
            "state": .text(self.state.rawValue),
            "addresses": .array(self.addresses.map { .text($0) }),
            "answer_age_seconds": .number(self.answerAge), "next_lookup_seconds": .number(self.nextLookUp),
            "failures": .number(self.failures), "last_failure": .text(self.lastFailure),
        ])
    }
}
