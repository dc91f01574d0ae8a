import PosternSDK
import PosternTestKit
import Synchronization
import Testing

@Suite struct AdapterSuiteTests {
    private func suite(_ fault: FaultyAdapter.Fault, isAlone: Bool = false) -> AdapterSuite {
        let name = "\(fault)\(isAlone)"
        let shelf = Shelf.named(name)
        func config(_ more: String = "") -> String {
            #"{ "shelf": "\#(name)", "fault": "\#(fault.rawValue)", "password": "sesame"\#(more) }"#
        }
        let backend = AdapterBackend(
            .exactlyOnce, arrived: { shelf.state.withLock { $0.texts } },
            stop: { shelf.state.withLock { $0.isThere = false } },
            start: { shelf.state.withLock { $0.isThere = true } })
        return AdapterSuite(
            FaultyAdapter.self, config(), refused: [config(#", "limit": 0"#): "/limit"], secrets: ["sesame"],
            backend: isAlone ? nil : backend, patience: .milliseconds(300))
    }

    @Test("An adapter without a fault has no finding")
    func sound() { #expect(self.suite(.none).run() == []) }

    @Test(
        "Each fault is found where it belongs",
        arguments: [
            (.opens, .configuresOnly, "descriptors stay open"),
            (.needsBackend, .configuresOnly, "the configuration is refused: cannot connect"),
            (.wrongPlace, .refusesConfigurations, "at '/password', and not at '/limit'"),
            (.refusesAbsent, .takesEveryRecord, "it refuses logentry [severity: absent"),
            (.losesLong, .takesEveryRecord, "are not there"),
            (.losesMany, .takesBatchesOfAnySize, "2000 of 3002 records that it took are not there"),
            (.keepsBack, .flushesWithTheLast, "6 of 6 records that it took are not there"),
            (.repeats, .outlastsItsBackend, "a record is there 4 times"),
            (.takesWithout, .outlastsItsBackend, "it takes records while the backend is away"),
            (.neverRecovers, .outlastsItsBackend, "were not taken: not connected"),
            (.leaks, .outlastsItsBackend, "a secret of the configuration stands in a problem"),
            (.failsAfterReopen, .ticksAndReopensAnyTime, "were not taken: the file is closed"),
            (.grantsTooMuch, .answersManyThreads, "it grants 2 of 1"),
            (.sharesShapes, .sharesNothing, "a record has the columns of another handler's"),
        ] as [(FaultyAdapter.Fault, AdapterBehaviour, String)])
    func faults(_ fault: FaultyAdapter.Fault, _ behaviour: AdapterBehaviour, _ text: String) {
        let findings = self.suite(fault).run(behaviour)
        #expect(findings.contains { $0.text.contains(text) && $0.behaviour == behaviour }, "\(findings)")
    }

    @Test("Quotas that two handlers share are found when no backend explains it")
    func shared() {
        #expect(
            self.suite(.sharesCount, isAlone: true).run(.sharesNothing).map(\.text)
                == ["what one handler has granted is missing in another"])
    }
}
