import Primitives
@testable import Telemetry
import Testing

@Suite struct GRPCStatusTests {
    @Test("A number that gRPC does not know, or none, is UNKNOWN")
    func parsing() {
        for (text, number) in [("0", 0), ("16", 16), ("17", 2), ("300", 2), ("", 2), ("x", 2)] {
            #expect(text.withByteView { GRPCStatus(parsing: $0) }.rawValue == UInt8(number), "\(text)")
        }
        #expect("\(GRPCStatus.deadlineExceeded.name)" == "DeadlineExceeded")
        #expect("\(GRPCStatus(rawValue: 99).name)" == "Unknown")
    }

    @Test("Exchanges that differ in one label have keys that differ")
    func keys() {
        var records = [ExchangeRecord](repeating: ExchangeRecord(), count: 8)
        records[1].isGRPC = true
        records[2].isGRPC = true
        records[2].grpcStatus = .ok
        records[3].isGRPC = true
        records[3].grpcStatus = .unauthenticated
        records[4].status = 1
        records[5].security = .mutualTLS
        records[6].flags = .downstreamRemoteReset
        records[7].service = NameID(rawValue: 1)
        #expect(Set(records.map { RequestMetrics.key($0) }).count == records.count)
    }
}
