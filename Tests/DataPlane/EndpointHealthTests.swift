internal import GatewayConfig
internal import Testing
@testable internal import DataPlane

@Suite struct EndpointHealthTests {
    let check = HealthCheck(healthyThreshold: 2, unhealthyThreshold: 3)

    @Test("The first answer decides alone")
    func first() {
        var bad = EndpointHealth()
        let changed = bad.record(isWell: false, self.check)
        #expect(changed && !bad.isHealthy)
        var good = EndpointHealth()
        let stayed = good.record(isWell: true, self.check)
        #expect(!stayed && good.isHealthy)
    }

    @Test("Later ones count in a row: a good one between bad ones begins anew")
    func row() {
        var health = EndpointHealth()
        let answers = [true, false, false, true, false, false, false, true, false, true, true]
        let changes = answers.map { health.record(isWell: $0, self.check) }
        #expect(changes == [false, false, false, false, false, false, true, false, false, false, true])
        #expect(health.isHealthy)
    }
}
