import Adapting
import CPosternABI
import Foundation
import Primitives
import Telemetry
import Testing

@testable import Mixer

@Suite struct KilledProcessTests {
    /// Appends what it is given to a file, then fails now and then.
    final class FileHandler: AdapterHandler, @unchecked Sendable {
        let path: String
        let inner = FakeHandler()
        init(_ path: String) {
            self.path = path
            super.init(name: "fake", templates: TemplateSet([.logentry]), isBlocking: true)
        }
        override func report(
            _ batch: UnsafePointer<postern_batch>, _ outcomes: UnsafeMutablePointer<postern_outcome>
        ) -> ReportAnswer {
            let answer = self.inner.report(batch, outcomes)
            guard answer == .taken, let numbers = self.inner.batches.last?.numbers else { return answer }
            let file = open(self.path, O_WRONLY | O_CREAT | O_APPEND, 0o600)
            let text = numbers.map { "\($0)\n" }.joined()
            _ = write(file, text, text.utf8.count)
            close(file)
            return answer
        }
    }

    static func options(_ path: String) -> DeliveryOptions {
        var options = DeliveryOptions()
        options.onFull = .spool
        options.spoolPath = path
        options.batchRecords = 50
        options.batchInterval = .milliseconds(1)
        options.retryInitial = .milliseconds(1)
        options.retryLimit = .milliseconds(2)
        return options
    }

    @Test("After SIGKILL in the middle of traffic, everything that reached the spool is delivered")
    func killed() async throws {
        let folder = try TemporaryFolder()
        setenv("POSTERN_TEST_SPOOL", folder.path, 1)
        await #expect(processExitsWith: .signal(SIGKILL)) {
            let path = try #require(ProcessInfo.processInfo.environment["POSTERN_TEST_SPOOL"])
            let registry = MetricRegistry()
            let pipeline = ReportPipeline(registry, log: Log(level: .critical, descriptor: -1))
            let handler = FileHandler("\(path)/delivered")
            // Every second report fails.
            handler.inner.reply((0..<100_000).map { $0 % 2 == 0 ? .fail("down") : .take })
            let delivery = pipeline.makeDelivery(handler, KilledProcessTests.options(path))
            let target = pipeline.register(DeliveryRig.shape, [delivery])
            let ring = pipeline.makeRing(worker: 0, cells: registry.makeCells())
            pipeline.start()
            delivery.start()
            var number: Int64 = 0
            // Until some were delivered and some wait.
            while number < 20_000 || handler.inner.delivered.count < 500
                || delivery.status().queueRecords < 500
            {
                while !ring.append(target, number: number) { usleep(1000) }
                number += 1
            }
            pipeline.flush()
            try "\(number)".write(toFile: "\(path)/reached", atomically: true, encoding: .utf8)
            // More are under way while the process is killed.
            for _ in 0..<1000 {
                ring.append(target, number: number)
                number += 1
            }
            kill(getpid(), SIGKILL)
        }
        let reached = try #require(
            Int64(try String(contentsOfFile: "\(folder.path)/reached", encoding: .utf8)))
        let before = try String(contentsOfFile: "\(folder.path)/delivered", encoding: .utf8)
            .split(separator: "\n").compactMap { Int64($0) }
        let handler = FakeHandler()
        let registry = MetricRegistry()
        let pipeline = ReportPipeline(registry, log: Log(level: .critical, descriptor: -1))
        let delivery = pipeline.makeDelivery(handler, Self.options(folder.path))
        delivery.start()
        #expect(eventually { delivery.status().queueRecords == 0 })
        pipeline.stop()
        let after = handler.delivered
        #expect(before.count >= 500)
        #expect(after.count >= 500)
        #expect(before == before.sorted())
        #expect(after == after.sorted())
        let all = Set(before + after)
        #expect((0..<reached).allSatisfy(all.contains))
        // A batch at most comes twice.
        #expect(before.count + after.count - all.count <= 50)
        #expect(
            LossReason.allCases.allSatisfy { reason in
                registry.read(DeliveryMetrics.lostName, ["fake", reason.rawValue])?.value == 0
            })
    }
}
