internal import GatewayConfig
internal import TestSupport
internal import Testing

@Suite struct GoldenTests {
    @Test(
        "Reports every problem of a bad configuration, with place and remedy", arguments: try GoldenCase.all()
    )
    func problems(of golden: GoldenCase) throws {
        let result = GatewayConfiguration.read(
            Array(golden.input.utf8), fileName: "gateway", directory: "/etc/postern")
        let problems =
            switch result {
            case .loaded(let loaded): loaded.warnings
            case .invalid(let problems): problems
            case .unreadable(let reason): [ConfigProblem(.none, reason)]
            }
        #expect(!problems.isEmpty)
        let text = problems.map(\.description).joined(separator: "\n")
        let difference = try golden.difference(from: text)
        #expect(difference == nil)
    }
}
