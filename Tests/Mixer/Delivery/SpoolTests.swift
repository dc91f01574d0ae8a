import Adapting
import CPosternABI
import Foundation
import Primitives
import Telemetry
import Testing

@testable import Mixer

@Suite struct SpoolTests {
    /// A gateway's life with a spool in `folder`; it ends, as by a kill, when the rig is let go.
    func rig(
        _ folder: TemporaryFolder, _ handler: FakeHandler = FakeHandler(),
        _ change: (inout DeliveryOptions) -> Void = { _ in }
    ) -> DeliveryRig {
        DeliveryRig(handler) {
            $0.onFull = .spool
            $0.spoolPath = folder.path
            $0.retryInitial = .milliseconds(100)
            $0.retryLimit = .milliseconds(100)
            change(&$0)
        }
    }

    /// Turns until nothing waits.
    func deliverAll(_ rig: DeliveryRig) {
        for _ in 0..<200 where rig.delivery.status().queueRecords > 0 {
            rig.turn()
            rig.advance(.milliseconds(100))
        }
    }

    @Test("Records pass through the spool, in order, with their values")
    func passes() throws {
        let folder = try TemporaryFolder()
        let rig = self.rig(folder)
        rig.enqueue(0..<25, text: "a text")
        #expect(rig.gauge("postern_mixer_queue_records") == 25)
        self.deliverAll(rig)
        #expect(rig.handler.delivered == Array(0..<25))
        #expect(rig.handler.texts == Array(repeating: "a text", count: 25))
        #expect(rig.gauge("postern_mixer_queue_records") == 0)
        #expect(LossReason.allCases.allSatisfy { rig.lost($0) == 0 })
    }

    @Test("What was not delivered when a process ended is delivered by the next, without its shapes")
    func restart() throws {
        let folder = try TemporaryFolder()
        do {
            let rig = self.rig(folder)
            rig.enqueue(0..<10)
            rig.turn()
            rig.handler.reply([], then: .fail("down"))
            rig.enqueue(10..<45)
            rig.turn()
            #expect(rig.handler.delivered == Array(0..<10))
        }
        let rig = self.rig(folder)
        #expect(rig.delivery.status().queueRecords == 35)
        self.deliverAll(rig)
        #expect(rig.handler.delivered == Array(10..<45))
        #expect(rig.handler.texts.count == 35)
    }

    @Test("An end in good order leaves the rest in the spool, and loses nothing")
    func closes() throws {
        let folder = try TemporaryFolder()
        do {
            let rig = self.rig(folder)
            rig.handler.reply([], then: .fail("down"))
            rig.enqueue(0..<30)
            rig.delivery.close(by: rig.now.advanced(by: .seconds(1)))
            for _ in 0..<12 {
                rig.turn()
                rig.advance(.milliseconds(100))
            }
            #expect(rig.delivery.isClosed)
            #expect(rig.lost(.shutdown) == 0)
        }
        let rig = self.rig(folder)
        self.deliverAll(rig)
        #expect(rig.handler.delivered == Array(0..<30))
    }

    @Test("Records wanted again are not forgotten when the process ends before they are delivered")
    func again() throws {
        let folder = try TemporaryFolder()
        do {
            let rig = self.rig(folder)
            rig.handler.reply([.mixed { [3, 7].contains($0) ? postern_outcome(POSTERN_OUTCOME_AGAIN) : nil }])
            rig.enqueue(0..<12)
            rig.turn()
            #expect(rig.handler.delivered == [0, 1, 2, 4, 5, 6, 8, 9])
        }
        let rig = self.rig(folder)
        self.deliverAll(rig)
        #expect(rig.handler.delivered == [3, 7, 10, 11])
    }

    @Test("A torn tail loses the records of its block alone, and counts them")
    func tornTail() throws {
        let folder = try TemporaryFolder()
        do {
            let rig = self.rig(folder)
            for start in [0, 10, 20] { rig.enqueue(start..<start + 10) }
        }
        let segment = try #require(folder.segments.last)
        try folder.change(segment) { $0.removeLast(100) }
        let rig = self.rig(folder)
        rig.enqueue(30..<40)
        self.deliverAll(rig)
        #expect(rig.handler.delivered == Array(0..<20) + Array(30..<40))
        #expect(rig.lost(.corrupt) == 10)
    }

    @Test("A block with a changed byte is skipped and counted, what follows it is delivered")
    func damaged() throws {
        for part in [0.0, 0.3, 0.5, 0.7] {
            let folder = try TemporaryFolder()
            do {
                let rig = self.rig(folder)
                for start in [0, 10, 20, 30] { rig.enqueue(start..<start + 10) }
            }
            let segment = try #require(folder.segments.last)
            try folder.change(segment) { $0[Int(Double($0.count) * part)] ^= 0x10 }
            let rig = self.rig(folder)
            rig.enqueue(40..<50)
            self.deliverAll(rig)
            let expected: UInt64 = part == 0 ? 0 : 10
            #expect(rig.lost(.corrupt) == expected, "at \(part)")
            #expect(rig.handler.delivered.count == 50 - Int(expected))
            #expect(rig.handler.delivered == rig.handler.delivered.sorted())
            #expect(rig.gauge("postern_mixer_queue_records") == 0)
        }
    }

    @Test("A damaged position file makes records come twice, not vanish")
    func position() throws {
        let folder = try TemporaryFolder()
        do {
            let rig = self.rig(folder)
            rig.enqueue(0..<10)
            self.deliverAll(rig)
        }
        try folder.change("\(folder.path)/fake/position") { $0[20] ^= 1 }
        let rig = self.rig(folder)
        self.deliverAll(rig)
        #expect(rig.handler.delivered == Array(0..<10))
        #expect(rig.lost(.corrupt) == 0)
    }

    @Test("Segments come and go; no more than the limit is on the disk, and what does not fit is counted")
    func limit() throws {
        let folder = try TemporaryFolder()
        let rig = self.rig(folder) {
            $0.spoolLimit = .mebibytes(16)
            $0.batchRecords = 500
        }
        rig.handler.reply([], then: .fail("down"))
        let text = String(repeating: "x", count: 10_000)
        for round in 0..<20 { rig.enqueue(round * 100..<round * 100 + 100, text: text) }
        let sizes = try folder.segments.map { try folder.bytes($0).count }
        #expect(sizes.count == 2)
        #expect(sizes.reduce(0, +) <= 16 << 20)
        let lost = Int(rig.lost(.spoolFull))
        #expect(lost > 300 && lost < 500)
        rig.handler.reply([])
        rig.advance(.seconds(1))
        self.deliverAll(rig)
        #expect(rig.handler.delivered == Array(0..<Int64(2000 - lost)))
        rig.enqueue(0..<100, text: text)
        #expect(Int(rig.lost(.spoolFull)) == lost)
        self.deliverAll(rig)
        #expect(folder.segments.count == 1)
        #expect(rig.handler.delivered.count == 2100 - lost)
    }

    @Test("A spool that somebody else has is waited for; meanwhile memory takes its place")
    func locked() throws {
        let folder = try TemporaryFolder()
        var other: DeliveryRig? = self.rig(folder)
        other?.handler.reply([], then: .fail("down"))
        other?.enqueue(0..<5)
        let rig = self.rig(folder)
        rig.enqueue(100..<105)
        rig.turn()
        rig.advance(.milliseconds(100))
        rig.turn()
        #expect(rig.handler.delivered == Array(100..<105))
        rig.enqueue(105..<107)
        other = nil
        rig.advance(.seconds(1))
        rig.turn()
        rig.enqueue(107..<109)
        self.deliverAll(rig)
        #expect(Set(rig.handler.delivered) == Set<Int64>(Array(0..<5) + Array(100..<109)))
        #expect(LossReason.allCases.allSatisfy { rig.lost($0) == 0 })
    }

    @Test("A spool that cannot be made is counted when memory is full, and the handler goes on")
    func unusable() throws {
        let folder = try TemporaryFolder()
        try Data().write(to: URL(fileURLWithPath: "\(folder.path)/fake"))
        let rig = self.rig(folder) { $0.queueLimit = .kibibytes(64) }
        rig.handler.reply([], then: .fail("down"))
        for round in 0..<10 {
            rig.enqueue(round * 10..<round * 10 + 10, text: String(repeating: "x", count: 1000))
            rig.turn()
        }
        #expect(rig.lost(.spoolError) > 20)
        let waiting = Int(rig.gauge("postern_mixer_queue_records"))
        #expect(Int(rig.lost(.spoolError)) + waiting == 100)
        rig.handler.reply([])
        rig.advance(.seconds(1))
        self.deliverAll(rig)
        #expect(rig.handler.delivered.count == waiting)
    }

    @Test("A disk that is full costs the records that did not fit, and nothing that did")
    func diskFull() async throws {
        await #expect(processExitsWith: .success) {
            signal(SIGXFSZ, SIG_IGN)
            let folder = try TemporaryFolder()
            let rig = SpoolTests().rig(folder)
            rig.handler.reply([], then: .fail("down"))
            rig.enqueue(0..<10)
            var limit = rlimit(rlim_cur: 4000, rlim_max: rlim_t.max)
            getrlimit(__rlimit_resource_t(1), &limit)
            let whole = limit.rlim_cur
            limit.rlim_cur = 2000
            setrlimit(__rlimit_resource_t(1), &limit)
            rig.enqueue(10..<60)
            limit.rlim_cur = whole
            setrlimit(__rlimit_resource_t(1), &limit)
            rig.enqueue(60..<70)
            rig.turn()
            precondition(rig.lost(.spoolError) == 50)
            rig.handler.reply([])
            rig.advance(.seconds(1))
            SpoolTests().deliverAll(rig)
            precondition(rig.handler.delivered == Array(0..<10) + Array(60..<70))
            precondition(rig.lost(.corrupt) == 0)
        }
    }

    @Test("The checksum is CRC-32C")
    func checksum() {
        #expect("123456789".withByteView { Checksum.of($0) } == 0xE306_9283)
        #expect([UInt8](repeating: 0, count: 32).withByteView { Checksum.of($0) } == 0x8A91_36AA)
        #expect([UInt8](0..<32).withByteView { Checksum.of($0) } == 0x46DD_794E)
        #expect("".withByteView { Checksum.of($0) } == 0)
    }

    @Test("A shape comes out of a segment as it went in")
    func shapes() throws {
        let series = SeriesDefinition(kind: .histogram, help: "Grüße", unit: "ms", bounds: [0.5, 1, 100])
        let shapes = [
            DeliveryRig.shape, RecordShape(.metric, name: "", columns: [], series: series),
            RecordShape(.tracespan, name: "span", columns: Template.tracespan.columns),
        ]
        for (number, shape) in shapes.enumerated() {
            let buffer = ByteBuffer(capacity: 16)
            SpoolShape.append(shape, number: UInt32(number), to: buffer)
            let read = try #require(SpoolShape.read(buffer.view))
            #expect(read.number == UInt32(number))
            #expect(read.shape.template == shape.template)
            #expect(read.shape.name == shape.name)
            #expect(read.shape.columns == shape.columns)
            #expect(read.shape.series == shape.series)
            for end in 0..<buffer.count { #expect(SpoolShape.read(buffer.view[0..<end]) == nil) }
        }
    }
}
